import type { Lane } from "./lane-layout.ts";

/** Pure: what an abort would do now, in words. */
export function abortConsequence(lanes: readonly Lane[], from: string): string {
  const changed = lanes.filter((lane) => {
    const step = lane.phases.replace ?? lane.phases["take-over"];
    return step !== null && step.state !== "pending" && step.state !== "skipped";
  });
  const untouched = lanes.filter((lane) => !changed.includes(lane));
  const names = (of: readonly Lane[]) => of.map((lane) => lane.gateway).join(" and ");
  if (changed.length === 0)
    return `Nothing has been replaced yet: ${names(untouched)} stay on ${from}.`;
  const back = `${names(changed)} ${changed.length === 1 ? "goes" : "go"} back to ${from}. Webhooks are accepted all the while.`;
  return untouched.length === 0
    ? back
    : `${back} ${names(untouched)} ${untouched.length === 1 ? "was" : "were"} not touched.`;
}
