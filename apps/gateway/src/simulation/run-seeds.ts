import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Failure, Stretch } from "./seed.ts";

const SEEDS_PER_STRETCH = 50;
/** Gateways that die leave signals behind that Node keeps for ever: about 40 kB a seed, gone with their worker. */
const STRETCHES_PER_WORKER = 100;
/** So many say what is wrong. */
const FAILURES_MAX = 5;

export interface SeedRun {
  /** Failing seeds, lowest first; after the first few the run ends. */
  readonly failures: readonly Failure[];
  readonly seeds: number;
  readonly seconds: number;
}

/** Lives through many seeds on all processors. `onProgress` hears how many are done. */
export async function runSeeds(
  from: number,
  to: number,
  onProgress: (done: number) => void = () => {},
): Promise<SeedRun> {
  const started = performance.now();
  const failures: Failure[] = [];
  let next = from;
  let done = 0;

  const work = async () => {
    while (next <= to && failures.length < FAILURES_MAX) await oneWorker();
  };
  const oneWorker = async () => {
    const worker = new Worker(new URL("./seed-worker.ts", import.meta.url));
    try {
      for (let n = 0; n < STRETCHES_PER_WORKER; n++) {
        if (next > to || failures.length >= FAILURES_MAX) return;
        const last = Math.min(to, next + SEEDS_PER_STRETCH - 1);
        const stretch: Stretch = { from: next, to: last, mutation: null };
        next = last + 1;
        failures.push(...(await answerOf(worker, stretch)));
        done += last - stretch.from + 1;
        onProgress(done);
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  failures.sort((a, b) => a.seed - b.seed);
  return { failures, seeds: done, seconds: (performance.now() - started) / 1_000 };
}

function answerOf(worker: Worker, stretch: Stretch): Promise<Failure[]> {
  return new Promise((resolve, reject) => {
    worker.once("message", (failures: Failure[]) => {
      worker.off("error", reject);
      resolve(failures);
    });
    worker.once("error", reject);
    worker.postMessage(stretch);
  });
}
