import type { Clock } from "@chela/shared/clock/clock";
import type { DedupeTotals, FigurePoint, FleetView } from "@chela/shared/fleet/view";
import type { Logger } from "pino";
import type { FigureStore } from "../store/figures.ts";
import type { ChannelCounts, MinuteCounts, RedisCounts } from "./redis-counts.ts";
import { average, hitRate, totals } from "./window.ts";

const EVERY_MS = 1_000;
const KEPT_POINTS = 15 * 60;
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
  counts: RedisCounts;
  store: FigureStore;
  view(): FleetView | null;
  onPoint(point: FigurePoint): void;
}

/** One figure a second in memory, one a minute in the store. */
export class Sampler {
  readonly #deps: SamplerDeps;
  readonly #points: FigurePoint[] = [];
  /** The last hour, by minute. */
  readonly #minutes = new Map<number, MinuteCounts>();
  #sampledAtMs: number | null = null;
  #backfilled = false;
  #rates = { acceptedPerSecond: 0, duplicatesPerSecond: 0 };

  constructor(deps: SamplerDeps) {
    this.#deps = deps;
  }

  /** Newest last. */
  get points(): readonly FigurePoint[] {
    return this.#points;
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
    const since = this.#sampledAtMs;
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
    this.#point(nowMs, since, grown);
    if (since !== null && minuteOf(since) !== minute) await this.#rollUp(minute);
  }

  #point(nowMs: number, since: number | null, grown: ChannelCounts): void {
    const view = this.#deps.view();
    const seconds = since === null ? null : (nowMs - since) / 1_000;
    const rate = (count: number) =>
      seconds === null ? null : Math.round((count / seconds) * 100) / 100;
    const point: FigurePoint = {
      at: new Date(nowMs).toISOString(),
      acceptedPerSecond: rate(grown.accepted),
      duplicatesPerSecond: rate(grown.duplicates),
      hitRate: seconds === null ? null : hitRate(grown.accepted, grown.duplicates),
      sessions: view?.redis.reachable ? view.sessions.total : null,
      sessionsByGateway: Object.fromEntries(
        (view?.gateways ?? []).map(({ name, sessions }) => [name, sessions]),
      ),
      acceptP99Ms: view?.rates.acceptP99Ms ?? null,
      backlog: view?.redis.reachable
        ? view.gateways.reduce((sum, { backlog }) => sum + backlog, 0)
        : null,
    };
    this.#rates = {
      acceptedPerSecond: point.acceptedPerSecond ?? 0,
      duplicatesPerSecond: point.duplicatesPerSecond ?? 0,
    };
    this.#points.push(point);
    if (this.#points.length > KEPT_POINTS) this.#points.shift();
    this.#deps.onPoint(point);
  }

  /** The minutes that have just ended go into the store. */
  async #rollUp(now: number): Promise<void> {
    const { fleet, store } = this.#deps;
    for (let minute = now - LATE_MINUTES; minute < now; minute++) {
      await store.putDedupe(fleet, rowsOf(minute, this.#minutes.get(minute)));
    }
    const ended = this.#points.filter(({ at }) => minuteOf(Date.parse(at)) === now - 1);
    if (ended.length > 0) {
      await store.putPoint(
        fleet,
        now - 1,
        average(ended, new Date((now - 1) * 60_000).toISOString()),
      );
    }
    for (const minute of this.#minutes.keys()) {
      if (minute <= now - HOUR_MINUTES) this.#minutes.delete(minute);
    }
    await store.forgetOld(fleet, now);
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
      for (const [index, read] of (await counts.read(minutes)).entries()) {
        const minute = minutes[index]!;
        if (minute > now - HOUR_MINUTES) this.#minutes.set(minute, read);
        if (minute < now && read.size > 0) await store.putDedupe(fleet, rowsOf(minute, read));
      }
    }
  }
}

function rowsOf(minute: number, counts: MinuteCounts | undefined) {
  return [...(counts ?? [])].map(([channel, count]) => ({ minute, channel, ...count }));
}
