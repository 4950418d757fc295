import { type Failure, trace } from "./seed.ts";

const LINES_MAX = 60;

/** What is wrong in a seed, how to see it again, and what came before. */
export async function reportOf({ seed, breach }: Failure): Promise<string> {
  const lines = await trace({ seed, mutation: null });
  return [
    `Seed ${seed} breaks a law: ${breach}`,
    `Replay it with everything that happens: bin/test unit --seed ${seed}`,
    ...lines.slice(-LINES_MAX),
  ].join("\n");
}
