import { spawn } from "node:child_process";
import { join } from "node:path";
import { text } from "node:stream/consumers";

/** Sources of the command line: another app, so it is run, never imported. */
export const CLI_SOURCES = join(import.meta.dirname, "../../../../cli/src");

/** Starts the command line as an operator does. @param env all that it is told of its environment. */
export function beginCommandLine(args: readonly string[], env: Record<string, string>) {
  const child = spawn(process.execPath, [join(CLI_SOURCES, "main.ts"), ...args], {
    env: { NODE_ENV: "test", PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const done = Promise.all([ended, text(child.stdout), text(child.stderr)]).then(
    ([code, out, err]) => ({ code, out, err }),
  );
  return { child, done };
}
