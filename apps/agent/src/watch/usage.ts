import type { Clock } from "@chela/shared/clock/clock";
import type { ContainerView, Engine, UsageSample } from "../docker/port.ts";

const SAMPLE_EVERY_MS = 2_000;

export interface Usage {
  /** 100 is one whole core. Null until there are two samples. */
  readonly cpuPercent: number | null;
  readonly memoryBytes: number;
}

/** Share of the CPU between two samples of one container; null where they do not fit together. Pure. */
export function cpuPercent(before: UsageSample | null, after: UsageSample): number | null {
  if (before === null) return null;
  const spanNanos = (after.atMs - before.atMs) * 1e6;
  const used = after.cpuNanos - before.cpuNanos;
  // A restart sets the counter back.
  return spanNanos <= 0 || used < 0 ? null : (used / spanNanos) * 100;
}

/** What the containers use, sampled one after the other. */
export class UsageSampler {
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #samples = new Map<string, { sample: UsageSample; usage: Usage }>();

  constructor(engine: Engine, clock: Clock) {
    this.#engine = engine;
    this.#clock = clock;
  }

  of(container: string): Usage | null {
    return this.#samples.get(container)?.usage ?? null;
  }

  async run(views: () => readonly ContainerView[], signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const running = views().filter((view) => view.state === "running");
      const ids = new Set(running.map((view) => view.id));
      for (const id of this.#samples.keys()) if (!ids.has(id)) this.#samples.delete(id);
      for (const id of ids) await this.#sample(id);
      await this.#clock.sleep(SAMPLE_EVERY_MS, signal);
    }
  }

  async #sample(id: string): Promise<void> {
    // A container that ended in between has no figures; the watch tells that it ended.
    const sample = await this.#engine.usage(id).catch(() => null);
    if (sample === null) return;
    const before = this.#samples.get(id)?.sample ?? null;
    const usage = { cpuPercent: cpuPercent(before, sample), memoryBytes: sample.memoryBytes };
    this.#samples.set(id, { sample, usage });
  }
}
