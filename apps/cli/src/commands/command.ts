import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { InvalidArgumentError } from "commander";
import type { ExitCode } from "../exit-codes.ts";
import type { Here } from "../here.ts";
import type { Local } from "../local.ts";
import { usage } from "../problem.ts";

type Work<Place, A extends unknown[]> = (
  place: Place,
  ...args: A
) => Promise<ExitCode | undefined> | Promise<ExitCode> | Promise<void>;

/** Wraps what a command does: opens the console it is for, and takes how it ended as the exit code. */
export type Run = <A extends unknown[]>(work: Work<Here, A>) => (...args: A) => Promise<void>;

/** The same for what is done without asking the console. */
export type RunLocal = <A extends unknown[]>(work: Work<Local, A>) => (...args: A) => Promise<void>;

/** The verb of a procedure's name is its command's too. */
export const verbOf = (procedure: string): string => procedure.slice(procedure.indexOf(".") + 1);

/** For an option's value. */
export function count(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) {
    throw new InvalidArgumentError("It is a whole number.");
  }
  return value;
}

/** @param path `-` for standard input. @throws Problem where it cannot be read. */
export async function textOf(path: string): Promise<string> {
  if (path === "-") return text(process.stdin);
  return readFile(path, "utf8").catch((error: Error) => {
    throw usage(`${path} cannot be read: ${error.message}`);
  });
}
