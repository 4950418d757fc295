import type { Mutation } from "./mutation.ts";
import { ModelStore } from "./store/model-store.ts";
import { World } from "./world.ts";

export interface Course {
  readonly seed: number;
  /** A fault put into the store; null: as it is. */
  readonly mutation: Mutation | null;
}

/** Seeds one after another; `to` included. */
export interface Stretch extends Omit<Course, "seed"> {
  readonly from: number;
  readonly to: number;
}

export interface Failure {
  readonly seed: number;
  readonly breach: string;
}

/** One seed over the model of the store; answers the broken law, null when all held. */
export function live(
  { seed, mutation }: Course,
  note: ((line: string) => void) | null = null,
): Promise<string | null> {
  const store = (nowMs: () => number) => new ModelStore(nowMs, mutation);
  return new World({ seed, store, note }).live();
}

/** Many seeds, until so many have failed. */
export async function liveThrough(
  { from, to, mutation }: Stretch,
  failuresMax: number,
): Promise<Failure[]> {
  // Errors are part of the course (time-outs, lost connections); their stacks would cost more than everything else.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const failures: Failure[] = [];
  for (let seed = from; seed <= to && failures.length < failuresMax; seed++) {
    const breach = await live({ seed, mutation });
    if (breach !== null) failures.push({ seed, breach });
  }
  Error.stackTraceLimit = stackTraceLimit;
  return failures;
}

/** A seed once more, with everything that happens in it. */
export async function trace(course: Course): Promise<string[]> {
  const lines: string[] = [];
  await live(course, (line) => lines.push(line));
  return lines;
}
