import type { Clock } from "@chela/shared/clock/clock";
import type { DedupeStats, FigureSeries, Window } from "@chela/shared/fleet/view";
import type { FigureStore } from "../store/figures.ts";
import type { RedisDuplicates } from "./redis-duplicates.ts";
import type { Sampler } from "./sampler.ts";
import { hitRate, POINTS_MAX, thin, totals, WINDOW_MINUTES } from "./window.ts";

export interface FiguresDeps {
  clock: Clock;
  fleet: string;
  store: FigureStore;
  sampler: Sampler;
  duplicates: RedisDuplicates;
  /** Channels of the running configuration, with how long a repeated event is known. */
  channels(): { channel: string; ttlSeconds: number }[];
}

/** Figures over a window: the newest from memory, older ones from the store. */
export class Figures {
  readonly #deps: FiguresDeps;

  constructor(deps: FiguresDeps) {
    this.#deps = deps;
  }

  async series(window: Window): Promise<FigureSeries> {
    const { clock, fleet, store, sampler } = this.#deps;
    const untilMs = clock.wallMs();
    const spanMs = WINDOW_MINUTES[window] * 60_000;
    const stepMs = Math.max(window === "15m" ? 1_000 : 60_000, Math.ceil(spanMs / POINTS_MAX));
    // Bins on round times: a later answer has the same ones, so a chart does not jitter.
    const fromMs = Math.floor((untilMs - spanMs) / stepMs) * stepMs;
    const older = window === "15m" ? [] : await store.points(fleet, Math.floor(fromMs / 60_000));
    const newest = older.at(-1);
    const seconds = sampler.points.filter(
      ({ at }) => newest === undefined || Date.parse(at) >= Date.parse(newest.at) + 60_000,
    );
    return {
      window,
      stepMs,
      points: thin([...older, ...seconds], fromMs, untilMs, stepMs),
      asOf: new Date(untilMs).toISOString(),
    };
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
