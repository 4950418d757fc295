import { docker, dockerAttempt } from "../machine/engine.ts";

export interface FleetContainer {
  name: string;
  /** Docker's word: running, exited, … */
  state: string;
  status: string;
}

/** All containers that carry a fleet's label, whoever made them. */
export async function fleetContainers(fleet: string): Promise<FleetContainer[]> {
  const format = "{{.Names}}\t{{.State}}\t{{.Status}}";
  const lines = await docker([
    "ps",
    "-a",
    "--filter",
    `label=chela.fleet=${fleet}`,
    "--format",
    format,
  ]);
  return lines
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [name, state, status] = line.split("\t");
      return { name: name!, state: state!, status: status! };
    });
}

/** Last lines of a container's log, for a failure's report. */
export async function lastLines(container: string, count: number): Promise<string[]> {
  const answer = await dockerAttempt(["logs", "--tail", String(count), container]);
  return `${answer.stdout}${answer.stderr}`
    .trim()
    .split("\n")
    .filter((line) => line !== "");
}
