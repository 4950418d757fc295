import type { DuplicatedEvent } from "@chela/shared/fleet/view";
import { fleetKeys } from "@chela/shared/keys/keys";
import type { Redis } from "ioredis";
import type { FleetPlace } from "../fleet/redis-control.ts";

const QUARTER_MS = 15 * 60_000;
/** Gateways keep a day. */
const QUARTERS_MAX = 97;
const READ_PER_QUARTER = 50;
const TOP_MAX = 20;

/** The events that came again most often, as gateways count them: one sorted set a quarter of an hour. */
export class RedisDuplicates {
  readonly #redis: Redis;
  readonly #place: FleetPlace;

  constructor(redis: Redis, place: FleetPlace) {
    this.#redis = redis;
    this.#place = place;
  }

  /** Over whole quarters; `sinceMs` is the first one's beginning. Throws when Redis does not answer. */
  async top(
    fromMs: number,
    untilMs: number,
  ): Promise<{ events: DuplicatedEvent[]; sinceMs: number }> {
    const last = Math.floor(untilMs / QUARTER_MS);
    const first = Math.max(Math.floor(fromMs / QUARTER_MS), last - QUARTERS_MAX + 1);
    const keys = fleetKeys(this.#place.keyPrefix, this.#place.fleet);
    const pipeline = this.#redis.pipeline();
    for (let quarter = first; quarter <= last; quarter++) {
      pipeline.zrevrange(keys.duplicates(quarter), 0, READ_PER_QUARTER - 1, "WITHSCORES");
    }
    const counts = new Map<string, number>();
    for (const [error, answer] of (await pipeline.exec()) ?? []) {
      if (error) throw error;
      const pairs = answer as string[];
      for (let i = 0; i + 1 < pairs.length; i += 2) {
        counts.set(pairs[i]!, (counts.get(pairs[i]!) ?? 0) + Number(pairs[i + 1]));
      }
    }
    const events = [...counts]
      .sort((a, b) => b[1] - a[1])
      .slice(0, TOP_MAX)
      .map(([name, count]) => {
        const [channel, session, eventId] = JSON.parse(name) as [string, string, string];
        return { channel, session, eventId, count };
      });
    return { events, sinceMs: first * QUARTER_MS };
  }
}
