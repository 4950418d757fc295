import { readFileSync } from "node:fs";
import { fleetKeys, shardKeys } from "@chela/shared/keys/keys";
import { Redis } from "ioredis";

const SCRIPT = readFileSync(new URL("./lua/release-dead.lua", import.meta.url), "utf8");
const COMMAND_TIMEOUT_MS = 500;
const CONNECT_TIMEOUT_MS = 2_000;
const RECONNECT_MAX_MS = 1_000;

export interface LeaseReleaseTarget {
  readonly redisUrl: string;
  readonly keyPrefix: string;
  readonly fleet: string;
  readonly shards: number;
}

type WithRelease = ReturnType<Redis["pipeline"]> & {
  releaseDead(lease: string, gateway: string, incarnation: string): unknown;
};

/** Releases what a dead gateway held. The connection stays open, so that a death costs one round trip. */
export class RedisLeaseRelease {
  readonly #redis: Redis;
  readonly #target: LeaseReleaseTarget;

  constructor(target: LeaseReleaseTarget, failed: (error: Error) => void) {
    this.#target = target;
    this.#redis = new Redis(target.redisUrl, {
      enableOfflineQueue: false,
      // Its INFO is not among what the agent's Redis user may do.
      enableReadyCheck: false,
      maxRetriesPerRequest: 0,
      commandTimeout: COMMAND_TIMEOUT_MS,
      connectTimeout: CONNECT_TIMEOUT_MS,
      retryStrategy: (times) => Math.min(RECONNECT_MAX_MS, 50 * times),
    });
    this.#redis.on("error", failed);
    this.#redis.defineCommand("releaseDead", { numberOfKeys: 1, lua: SCRIPT });
  }

  /**
   * In the order that lease/schema.ts demands: the member first (while it stands, the standby leaves the dead one's
   * shards to it), then each shard, then wake. Answers how many leases it held. Nothing happens while automatic failover
   * is paused: they run out by themselves. Safe to repeat; rejects when Redis cannot be reached.
   */
  async release(gateway: string, incarnation: string): Promise<number> {
    const { keyPrefix, fleet, shards } = this.#target;
    const keys = fleetKeys(keyPrefix, fleet);
    if ((await this.#redis.hget(keys.control, "paused")) === "1") return 0;
    const pipeline = this.#redis.pipeline() as WithRelease;
    pipeline.hdel(keys.members, `${gateway}/${incarnation}`);
    for (let shard = 0; shard < shards; shard++) {
      pipeline.releaseDead(shardKeys(keyPrefix, fleet, shard).lease, gateway, incarnation);
    }
    pipeline.publish(keys.wake, "released");
    const answers = (await pipeline.exec()) ?? [];
    const error = answers.find(([failure]) => failure !== null)?.[0];
    if (error) throw error;
    return answers.slice(1, -1).filter(([, released]) => released === 1).length;
  }

  close(): void {
    this.#redis.disconnect();
  }
}
