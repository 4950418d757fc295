import { existsSync } from "node:fs";
import { join } from "node:path";
import { readAccess } from "../access.ts";
import { EXIT } from "../exit-codes.ts";
import { Problem } from "../problem.ts";
import { type Ended, runNode, runProgram } from "./programs.ts";

/** Where the console's store is, and how its programs are run there. */
export interface ConsoleHost {
  stateDir: string;
  /** Null: the console runs as a plain process, or not at all. */
  container: { name: string; running: boolean; user: string; image: string } | null;
}

/** Where docker-compose.yml mounts the state directory. */
const MOUNTED_AT = "/chela";

/** @throws Problem away from the console's host. */
export async function consoleHost(stateDir: string): Promise<ConsoleHost> {
  const access = await readAccess(stateDir);
  if (access === null && !existsSync(join(stateDir, "console.sqlite"))) {
    throw new Problem(
      EXIT.refused,
      "not-the-console-host",
      `There is no store in ${stateDir}. Run this on the console's host, or set CHELA_STATE_DIR.`,
    );
  }
  const name = `${access?.fleet ?? "chela"}-console`;
  const seen = await runProgram("docker", [
    "inspect",
    "--format",
    "{{.State.Running}}|{{.Config.User}}|{{.Config.Image}}",
    name,
  ]);
  if (seen.code !== 0) return { stateDir, container: null };
  const [running, user, image] = seen.out.trim().split("|");
  return {
    stateDir,
    container: { name, running: running === "true", user: user ?? "", image: image ?? "" },
  };
}

/**
 * Runs a program of the console's where its store is: in its container, in one made like it while that one is
 * stopped (so that files keep their owner), or as a process of this machine.
 * @param argsAt given the state directory's path as that program sees it.
 */
export function runForConsole(
  { stateDir, container }: ConsoleHost,
  program: string,
  argsAt: (stateDir: string) => string[],
  input?: string,
): Promise<Ended> {
  if (container === null) return runNode(program, argsAt(stateDir), input);
  const command = ["node", program, ...argsAt(MOUNTED_AT)];
  if (container.running) {
    return runProgram("docker", ["exec", "-i", container.name, ...command], input);
  }
  const { name, user, image } = container;
  const like = [
    "--volumes-from",
    name,
    "--network",
    "none",
    ...(user === "" ? [] : ["--user", user]),
  ];
  return runProgram("docker", ["run", "--rm", "-i", ...like, image, ...command], input);
}

/** What it printed, as JSON. @throws Problem with its own words. */
export function answerOf<T>({ code, out, err }: Ended): T {
  if (code !== 0) throw new Problem(EXIT.failed, "not-done", err.trim() || out.trim());
  return JSON.parse(out) as T;
}
