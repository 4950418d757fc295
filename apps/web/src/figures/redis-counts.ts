import { fleetKeys } from "@chela/shared/keys/keys";
import type { Redis } from "ioredis";
import type { FleetPlace } from "../fleet/redis-control.ts";

export interface ChannelCounts {
  accepted: number;
  duplicates: number;
}
/** By channel. */
export type MinuteCounts = ReadonlyMap<string, ChannelCounts>;

/** Counters that gateways keep in Redis, one hash a minute. */
export class RedisCounts {
  readonly #redis: Redis;
  readonly #place: FleetPlace;

  constructor(redis: Redis, place: FleetPlace) {
    this.#redis = redis;
    this.#place = place;
  }

  /** @param minutes since 1970. */
  async read(minutes: readonly number[]): Promise<MinuteCounts[]> {
    const keys = fleetKeys(this.#place.keyPrefix, this.#place.fleet);
    const pipeline = this.#redis.pipeline();
    for (const minute of minutes) pipeline.hgetall(keys.counts(minute));
    const answers = (await pipeline.exec()) ?? [];
    return answers.map(([error, answer]) => {
      if (error) throw error;
      return countsOf(answer as Record<string, string>);
    });
  }
}

function countsOf(hash: Record<string, string>): MinuteCounts {
  const counts = new Map<string, ChannelCounts>();
  for (const [field, text] of Object.entries(hash)) {
    const colon = field.lastIndexOf(":");
    const [channel, outcome] = [field.slice(0, colon), field.slice(colon + 1)];
    if (outcome !== "accepted" && outcome !== "duplicate") continue;
    const entry = counts.get(channel) ?? { accepted: 0, duplicates: 0 };
    if (outcome === "accepted") entry.accepted += Number(text);
    else entry.duplicates += Number(text);
    counts.set(channel, entry);
  }
  return counts;
}
