import type { Clock } from "@chela/shared/clock/clock";
import type { DedupeStats, FigureSeries, Window } from "@chela/shared/fleet/view";
import type { FigureStore } from "../store/figures.ts";
import type { RedisDuplicates } from "./redis-duplicates.ts";
import { downSample, pointsOf, type Sample } from "./sample.ts";
import type { Sampler } from "./sampler.ts";
import { hitRate, stepOf, totals, WINDOW_MINUTES, WINDOW_SOURCE } from "./window.ts";

export interface FiguresDeps {
  clock: Clock;
  fleet: string;
  store: FigureStore;
  sampler: Sampler;
  duplicates: Pick<RedisDuplicates, "top">;
  /** Channels of the running configuration, with how long a repeated event is known. */
  channels(): { channel: string; ttlSeconds: number }[];
}

interface Stored {
  samples: Sample[];
  /** Where they end. */
  untilMs: number;
  fromMs: number;
  /** When the sampler had last written then. */
  writtenMs: number;
}

/** Figures over a window: the newest from memory, older ones from the store. */
export class Figures {
  readonly #deps: FiguresDeps;
  readonly #known = new Map<Window, Stored>();

  constructor(deps: FiguresDeps) {
    this.#deps = deps;
  }

  async series(window: Window): Promise<FigureSeries> {
    const { clock, sampler } = this.#deps;
    const untilMs = clock.wallMs();
    const stepMs = stepOf(window);
    // Steps on round times: a later answer has the same ones, so a chart does not jitter.
    const fromMs = Math.floor((untilMs - WINDOW_MINUTES[window] * 60_000) / stepMs) * stepMs;
    const older = await this.#stored(window, fromMs, stepMs);
    // The store holds whole minutes: what came after the last one is in memory.
    const newest = older.untilMs;
    const seconds = sampler.samples.filter(({ atMs }) => atMs >= newest);
    return {
      window,
      stepMs,
      points: pointsOf([...older.samples, ...seconds], fromMs, untilMs, stepMs),
      asOf: new Date(untilMs).toISOString(),
    };
  }

  /** Made once for all who ask until the store has another minute. */
  async #stored(window: Window, fromMs: number, stepMs: number): Promise<Stored> {
    const { fleet, store, sampler } = this.#deps;
    const source = WINDOW_SOURCE[window];
    if (source === 1) return { samples: [], untilMs: 0, fromMs, writtenMs: 0 };
    const known = this.#known.get(window);
    const { writtenMs } = sampler;
    if (known?.fromMs === fromMs && known.writtenMs === writtenMs) return known;
    const samples = await store.samples(fleet, source, fromMs);
    const last = samples.at(-1);
    const stored = {
      samples: downSample(samples, stepMs),
      untilMs: last === undefined ? 0 : last.atMs + source * 1_000,
      fromMs,
      writtenMs,
    };
    this.#known.set(window, stored);
    return stored;
  }

  async dedupe(window: Window): Promise<DedupeStats> {
    const { clock, fleet, store, sampler, duplicates, channels } = this.#deps;
    const nowMs = clock.wallMs();
    const now = Math.floor(nowMs / 60_000);
    const from = now - WINDOW_MINUTES[window] + 1;
    // The last hour is in memory, complete to the second; what is before it in the store.
    const live = sampler.minutesSince(from);
    const oldest = live.reduce((least, [minute]) => Math.min(least, minute), now + 1);
    const counts = new Map<string, { accepted: number; duplicates: number }>();
    const add = (channel: string, more: { accepted: number; duplicates: number }) => {
      const sum = counts.get(channel) ?? { accepted: 0, duplicates: 0 };
      counts.set(channel, {
        accepted: sum.accepted + more.accepted,
        duplicates: sum.duplicates + more.duplicates,
      });
    };
    for (const row of await store.dedupe(fleet, from, oldest)) add(row.channel, row);
    for (const [, minute] of live) for (const [channel, count] of minute) add(channel, count);
    const known = channels();
    const top = await duplicates
      .top(nowMs - WINDOW_MINUTES[window] * 60_000, nowMs)
      // The counts come from memory and the store: they stand without Redis.
      .catch(() => ({ events: [], sinceMs: null }));
    for (const { channel } of known) add(channel, { accepted: 0, duplicates: 0 });
    return {
      window,
      total: totals(counts.values()),
      channels: [...counts].map(([channel, count]) => ({
        channel,
        ttlSeconds: known.find((entry) => entry.channel === channel)?.ttlSeconds ?? DAY_SECONDS,
        ...count,
        hitRate: hitRate(count.accepted, count.duplicates),
      })),
      top: top.events,
      topSince: top.sinceMs === null ? null : new Date(top.sinceMs).toISOString(),
      asOf: new Date(nowMs).toISOString(),
    };
  }
}

const DAY_SECONDS = 24 * 60 * 60;
