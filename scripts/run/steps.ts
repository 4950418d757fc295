import { Problem } from "./problem.ts";

export const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

/**
 * One step of a script, shown with its duration; `work` answers what came out, in a few words.
 * @throws Problem naming the step, with `advice` unless the failure brings its own.
 */
export async function step<T>(
  name: string,
  advice: string,
  work: () => Promise<{ said: string; value: T }>,
): Promise<T> {
  const started = performance.now();
  console.log(`▸ ${name}`);
  try {
    const { said, value } = await work();
    console.log(`  ✓ ${said} (${seconds(performance.now() - started)})`);
    return value;
  } catch (error) {
    console.log(`  ✗ failed after ${seconds(performance.now() - started)}`);
    const message = error instanceof Error ? error.message : String(error);
    throw new Problem(`${name}: ${message}`, error instanceof Problem ? error.advice : advice);
  }
}

/** Runs a script's main part; a Problem ends it with its two sentences, anything else with its stack. */
export async function main(script: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof Problem) {
      console.error(`\n${script} stopped. ${error.message}\nWhat to do: ${error.advice}`);
    } else {
      console.error(`\n${script} stopped.`, error);
    }
    process.exitCode = 1;
  }
}
