import type { HostReport } from "@chela/shared/agent-link/schema";
import type { Clock } from "@chela/shared/clock/clock";

const COALESCE_MS = 200;
const AT_LEAST_EVERY_MS = 1_000;

/** Tells when something changed since one last looked. */
export class Changes {
  #count = 0;
  #waiting: (() => void)[] = [];

  get count(): number {
    return this.#count;
  }

  readonly mark = (): void => {
    this.#count++;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  };

  /** Resolves at the first change after `seen`, when the signal is aborted, or after `ms`. */
  async after(seen: number, ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
    if (this.#count !== seen) return;
    const stop = new AbortController();
    const changed = new Promise<void>((resolve) => this.#waiting.push(resolve));
    await Promise.race([changed, clock.sleep(ms, AbortSignal.any([signal, stop.signal]))]);
    stop.abort();
  }
}

/** The host's state again and again: at a change, but not more often than every 200 ms, and at least every second. */
export async function* reports(
  build: () => Promise<HostReport>,
  changes: Changes,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<HostReport> {
  while (!signal.aborted) {
    const seen = changes.count;
    yield await build();
    await clock.sleep(COALESCE_MS, signal);
    await changes.after(seen, AT_LEAST_EVERY_MS - COALESCE_MS, clock, signal);
  }
}
