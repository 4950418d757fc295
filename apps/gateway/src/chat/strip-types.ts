import { Worker } from "node:worker_threads";

/**
 * TypeScript → JavaScript by Node's own type stripping, as it runs this program. In a thread of its own, for two
 * reasons: there the API's ExperimentalWarning can be switched off without hiding anybody else's, and what the
 * compiler needs in memory goes with the thread.
 */
export function stripTypes(sources: readonly string[]): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./strip-types-thread.ts", import.meta.url), {
      workerData: sources,
      execArgv: ["--disable-warning=ExperimentalWarning"],
    });
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}
