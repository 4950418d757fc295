import type { Clock } from "@chela/shared/clock/clock";
import type { DedupeTotals, FigurePoint, FleetView } from "@chela/shared/fleet/view";
import type { Logger } from "pino";
import type { DedupeMinute, FigureStore } from "../store/figures.ts";
import type { ChannelCounts, MinuteCounts, RedisCounts } from "./redis-counts.ts";
import { downSample, pointOf, type Sample } from "./sample.ts";
import { STORED_STEPS, totals } from "./window.ts";

const EVERY_MS = 1_000;
const KEPT_SAMPLES = 15 * 60;
const HOUR_MINUTES = 60;
/** Gateways keep their counters a little longer than a day. */
const BACKFILL_MINUTES = 25 * 60;
const BACKFILL_BATCH = 200;
/** A gateway's last counts of a minute may arrive in the next one. */
const LATE_MINUTES = 2;

const minuteOf = (ms: number) => Math.floor(ms / 60_000);

export interface SamplerDeps {
  clock: Clock;
  log: Logger;
  fleet: string;
  counts: Pick<RedisCounts, "read">;
  store: FigureStore;
  view(): FleetView | null;
  onPoint(point: FigurePoint): void;
}

/**
 * One sample a second, in memory for 15 minutes; wider ones in the store, written once a minute in one go. A second in
 * which no sample could be made, or in which no console ran, stays a gap.
 */
export class Sampler {
  readonly #deps: SamplerDeps;
  readonly #samples: Sample[] = [];
  /** The last hour, by minute. */
  readonly #minutes = new Map<number, MinuteCounts>();
  #sampledAtMs: number | null = null;
  /** The first minute that is not in the store yet. */
  #unwritten: number | null = null;
  #writtenMs = 0;
  #backfilled = false;
  #rates = { acceptedPerSecond: 0, duplicatesPerSecond: 0 };

  constructor(deps: SamplerDeps) {
    this.#deps = deps;
  }

  /** Newest last. */
  get samples(): readonly Sample[] {
    return this.#samples;
  }

  /** When the store was last written. */
  get writtenMs(): number {
    return this.#writtenMs;
  }

  get rates(): { acceptedPerSecond: number; duplicatesPerSecond: number } {
    return this.#rates;
  }

  lastHour(): DedupeTotals {
    return totals([...this.#minutes.values()].flatMap((counts) => [...counts.values()]));
  }

  /** By channel, for minutes that may not be in the store yet. */
  minutesSince(minute: number): [number, MinuteCounts][] {
    return [...this.#minutes].filter(([key]) => key >= minute);
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#step().catch((error) => {
        // Redis is away: the second stays a gap.
        this.#sampledAtMs = null;
        this.#deps.log.debug({ err: error }, "a sample is missing");
      });
      await this.#deps.clock.sleep(EVERY_MS, signal);
    }
  }

  async #step(): Promise<void> {
    if (!this.#backfilled) await this.#backfill();
    this.#backfilled = true;
    await this.#sample();
  }

  async #sample(): Promise<void> {
    const { clock, counts } = this.#deps;
    const nowMs = clock.wallMs();
    const minute = minuteOf(nowMs);
    const [previous, current] = await counts.read([minute - 1, minute]);
    // A clock that was put back makes the second unknown, as a start does.
    const since =
      this.#sampledAtMs !== null && this.#sampledAtMs < nowMs ? this.#sampledAtMs : null;
    const grown = {
      accepted: 0,
      duplicates: 0,
    };
    for (const [at, read] of [
      [minute - 1, previous!],
      [minute, current!],
    ] as const) {
      const before = totals((this.#minutes.get(at) ?? new Map<string, ChannelCounts>()).values());
      const after = totals(read.values());
      grown.accepted += Math.max(0, after.accepted - before.accepted);
      grown.duplicates += Math.max(0, after.duplicates - before.duplicates);
      this.#minutes.set(at, read);
    }
    this.#sampledAtMs = nowMs;
    this.#keep(nowMs, since, grown);
    this.#unwritten ??= minute;
    if (this.#unwritten < minute) await this.#rollUp(this.#unwritten, nowMs);
  }

  #keep(nowMs: number, since: number | null, grown: ChannelCounts): void {
    const view = this.#deps.view();
    const seen = view?.redis.reachable === true;
    const sample: Sample = {
      atMs: nowMs,
      seenMs: since === null ? 0 : nowMs - since,
      // Before the first look it is not known since when these are counted.
      accepted: since === null ? 0 : grown.accepted,
      duplicates: since === null ? 0 : grown.duplicates,
      looks: seen ? 1 : 0,
      sessions: seen ? view.sessions.total : null,
      sessionsByGateway: Object.fromEntries(
        (view?.gateways ?? []).map(({ name, sessions }) => [name, sessions]),
      ),
      acceptP99Ms: view?.rates.acceptP99Ms ?? null,
      backlog: seen ? view.gateways.reduce((sum, { backlog }) => sum + backlog, 0) : null,
    };
    const point = pointOf(sample);
    this.#rates = {
      acceptedPerSecond: point.acceptedPerSecond ?? 0,
      duplicatesPerSecond: point.duplicatesPerSecond ?? 0,
    };
    this.#samples.push(sample);
    if (this.#samples.length > KEPT_SAMPLES) this.#samples.shift();
    this.#deps.onPoint(point);
  }

  /** The minutes that have ended go into the store, in one write. What fails is tried again a second later. */
  async #rollUp(first: number, nowMs: number): Promise<void> {
    const { fleet, store } = this.#deps;
    const now = minuteOf(nowMs);
    const ended = this.#samples.filter(
      ({ atMs }) => minuteOf(atMs) >= first && minuteOf(atMs) < now,
    );
    const counted = [...this.#minutes].filter(
      ([minute]) => minute > first - LATE_MINUTES && minute < now,
    );
    await store.put(fleet, {
      dedupe: counted.flatMap(([minute, counts]) => rowsOf(minute, counts)),
      samples: STORED_STEPS.map(({ stepSeconds }) => ({
        stepSeconds,
        samples: downSample(ended, stepSeconds * 1_000),
      })),
    });
    this.#unwritten = now;
    this.#writtenMs = nowMs;
    for (const minute of this.#minutes.keys()) {
      if (minute <= now - HOUR_MINUTES) this.#minutes.delete(minute);
    }
    await store.forgetOld(fleet, nowMs, STORED_STEPS);
  }

  /** What was counted while no console was there. */
  async #backfill(): Promise<void> {
    const { clock, counts, fleet, store } = this.#deps;
    const now = minuteOf(clock.wallMs());
    for (let from = now - BACKFILL_MINUTES; from <= now; from += BACKFILL_BATCH) {
      const minutes = Array.from(
        { length: Math.min(BACKFILL_BATCH, now - from + 1) },
        (_, index) => from + index,
      );
      const missed: DedupeMinute[] = [];
      for (const [index, read] of (await counts.read(minutes)).entries()) {
        const minute = minutes[index]!;
        if (minute > now - HOUR_MINUTES) this.#minutes.set(minute, read);
        if (minute < now) missed.push(...rowsOf(minute, read));
      }
      await store.put(fleet, { dedupe: missed, samples: [] });
    }
  }
}

function rowsOf(minute: number, counts: MinuteCounts) {
  return [...counts].map(([channel, count]) => ({ minute, channel, ...count }));
}
