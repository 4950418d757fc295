import { dockerAttempt } from "../machine/engine.ts";

/** A label of a local image; null where the image or the label is not there. */
export async function imageLabel(reference: string, label: string): Promise<string | null> {
  const format = `{{index .Config.Labels ${JSON.stringify(label)}}}`;
  const answer = await dockerAttempt(["image", "inspect", "--format", format, reference]);
  const value = answer.stdout.trim();
  return answer.status === 0 && value !== "" && value !== "<no value>" ? value : null;
}

/** `sha256:…` of a local image; null where it is not there. */
export async function imageId(reference: string): Promise<string | null> {
  const answer = await dockerAttempt(["image", "inspect", "--format", "{{.Id}}", reference]);
  return answer.status === 0 ? answer.stdout.trim() : null;
}
