import { setTimeout as pause } from "node:timers/promises";
import { shardKeys } from "@chela/shared/keys/keys";
import { type Lease, leaseSchema } from "@chela/shared/lease/schema";
import type { Redis } from "ioredis";
import type { FleetPlace } from "./redis-control.ts";

/** Fine enough to measure a hand-over by; 16 small reads each. */
const LOOK_EVERY_MS = 10;

export interface Moved {
  /** Shards that were elsewhere at the first look. */
  moved: number;
  /** From the first look until the last of them had arrived. */
  tookMs: number;
  /** At most this long nobody held a shard: from the last look at the old holder to the first at the new one. */
  pauseMs: number;
}

/** Looks at leases closely while they move. */
export class LeaseWatch {
  readonly #redis: Redis;
  readonly #place: FleetPlace;
  readonly #shards: number;

  constructor(redis: Redis, place: FleetPlace, shards: number) {
    this.#redis = redis;
    this.#place = place;
    this.#shards = shards;
  }

  get shards(): number[] {
    return Array.from({ length: this.#shards }, (_, shard) => shard);
  }

  async read(): Promise<(Lease | null)[]> {
    const pipeline = this.#redis.pipeline();
    for (const shard of this.shards) {
      pipeline.hgetall(shardKeys(this.#place.keyPrefix, this.#place.fleet, shard).lease);
    }
    const answers = (await pipeline.exec()) ?? [];
    return answers.map(([error, answer]) => {
      if (error) throw error;
      return leaseSchema.safeParse(answer).data ?? null;
    });
  }

  /**
   * Gives the order, then looks until every shard is where it shall be.
   * @returns null when they are not, within the time.
   */
  async follow(
    order: () => Promise<void>,
    arrived: (lease: Lease | null) => boolean,
    withinMs: number,
    signal: AbortSignal,
  ): Promise<Moved | { missing: number }> {
    const first = await this.read();
    const started = performance.now();
    const away = new Map<number, { lastElsewhereMs: number; pauseMs: number | null }>();
    for (const [shard, lease] of first.entries()) {
      if (!arrived(lease)) away.set(shard, { lastElsewhereMs: started, pauseMs: null });
    }
    await order();
    for (;;) {
      const leases = await this.read();
      const nowMs = performance.now();
      for (const [shard, track] of away) {
        const lease = leases[shard] ?? null;
        if (track.pauseMs !== null) continue;
        if (arrived(lease)) track.pauseMs = nowMs - track.lastElsewhereMs;
        else if (lease !== null) track.lastElsewhereMs = nowMs;
      }
      const missing = leases.filter((lease) => !arrived(lease)).length;
      if (missing === 0) {
        return {
          moved: away.size,
          tookMs: nowMs - started,
          pauseMs: Math.max(0, ...[...away.values()].map(({ pauseMs }) => pauseMs ?? 0)),
        };
      }
      if (nowMs - started > withinMs || signal.aborted) return { missing };
      await pause(LOOK_EVERY_MS);
    }
  }
}
