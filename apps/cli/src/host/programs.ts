import { spawn } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "../config.ts";

export interface Ended {
  code: number;
  out: string;
  err: string;
}

/** Runs a program to its end. @param input for its standard input. */
export const runProgram = (
  command: string,
  args: readonly string[],
  input?: string,
): Promise<Ended> =>
  new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
    let out = "";
    let err = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      out += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text) => {
      err += text;
    });
    child.once("error", (error) => resolve({ code: 127, out, err: error.message }));
    child.once("close", (code) => resolve({ code: code ?? 1, out, err }));
    // It may end without reading.
    child.stdin.on("error", () => {});
    child.stdin.end(input ?? "");
  });

/** A program of this clone, by the Node that runs this one. */
export const runNode = (path: string, args: readonly string[], input?: string): Promise<Ended> =>
  runProgram(process.execPath, [join(ROOT, path), ...args], input);
