import { readFileSync } from "node:fs";
import { systemClock } from "@chela/shared/clock/system-clock";
import { CommanderError } from "commander";
import { accessPath, readAccess } from "./access.ts";
import { Api } from "./api/client.ts";
import { readEnvironment } from "./config.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { Here } from "./here.ts";
import { Local } from "./local.ts";
import { Problem } from "./problem.ts";
import { type GlobalOptions, programOf } from "./program.ts";
import { printable } from "./terminal/printable.ts";
import { Terminal } from "./terminal/terminal.ts";
import { whereOf } from "./where.ts";

const environment = readEnvironment();
const terminal = new Terminal(
  { out: process.stdout, err: process.stderr, in: process.stdin },
  environment.colour,
);
const stopped = new AbortController();
// Once: whoever presses it again means it.
process.once("SIGINT", () => stopped.abort());
process.once("SIGTERM", () => stopped.abort());

let exit: ExitCode = EXIT.done;
const { version } = JSON.parse(
  readFileSync(new URL("../package.json", import.meta.url), "utf8"),
) as { version: string };
const program = programOf(
  version,
  (work) =>
    async (...args) => {
      exit = (await work(await opened(), ...args)) ?? EXIT.done;
    },
  (work) =>
    async (...args) => {
      exit = (await work(new Local(parts()), ...args)) ?? EXIT.done;
    },
);
exitBySelf(program);
try {
  await program.parseAsync();
} catch (error) {
  exit = told(error);
}
process.exitCode = exit;

function parts() {
  return {
    terminal,
    json: program.opts<GlobalOptions>().json ?? false,
    signal: stopped.signal,
    clock: systemClock,
    stateDir: environment.stateDir,
  };
}

async function opened(): Promise<Here> {
  const { url, token, fleet } = program.opts<GlobalOptions>();
  const { stateDir } = environment;
  const options = { url, token, fleet };
  // Where both are given, nothing of this machine is needed.
  const given =
    (url ?? environment.url) !== undefined && (token ?? environment.token) !== undefined;
  const access = given ? null : await readAccess(stateDir);
  const where = whereOf(options, environment, access, accessPath(stateDir));
  const api = new Api(where, systemClock, stopped.signal);
  return new Here(parts(), api, { named: fleet, usual: where.fleet });
}

/** Commander would end the process with 1 where the command line is wrong. */
function exitBySelf(command: typeof program): void {
  command.exitOverride();
  for (const each of command.commands) exitBySelf(each as typeof program);
}

/** Says what went wrong, for people or programs. */
function told(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  if (stopped.signal.aborted) return EXIT.left;
  if (!(error instanceof Problem)) throw error;
  if (parts().json) {
    terminal.note(JSON.stringify({ error: { reason: error.reason, message: error.message } }));
  } else {
    terminal.note(`${terminal.style("bad", printable(error.message))} (${error.reason})`);
  }
  return error.exit;
}
