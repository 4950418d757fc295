import type { Clock } from "@chela/shared/clock/clock";
import { fleetKeys, shardKeys } from "@chela/shared/keys/keys";
import type { Redis } from "ioredis";
import type { WebhookOutcome } from "./metrics.ts";

const EVERY_MS = 1_000;
const COUNTS_TTL_SECONDS = 25 * 3_600;

export interface SamplerDeps {
  readonly redis: Redis;
  readonly prefix: string;
  readonly fleet: string;
  readonly clock: Clock;
  readonly redisNowMs: () => number;
  readonly shards: () => number | null;
  readonly held: () => { shard: number }[];
}

/** Once a second: how much waits in each shard, how many sessions live in ours, and our webhook counts into the fleet's. */
export class RedisSampler {
  readonly #deps: SamplerDeps;
  readonly #stop = new AbortController();
  #waiting: readonly number[] = [];
  #sessions = 0;
  #counts = new Map<string, number>();

  constructor(deps: SamplerDeps) {
    this.#deps = deps;
  }

  start(): void {
    void this.#run();
  }

  /** Ends sampling; what was counted is written once more. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#flush();
  }

  /** Events waiting in the shards this gateway holds. */
  backlog(): number {
    return this.#deps.held().reduce((sum, { shard }) => sum + (this.#waiting[shard] ?? 0), 0);
  }

  /** Live sessions in the shards this gateway holds. */
  sessions(): number {
    return this.#sessions;
  }

  /** Shards whose inbox holds at least `backlogMax` entries. */
  full(backlogMax: number): number[] {
    return [...this.#waiting.keys()].filter((shard) => this.#waiting[shard]! >= backlogMax);
  }

  count(channel: string, outcome: WebhookOutcome): void {
    const field = `${channel}:${outcome}`;
    this.#counts.set(field, (this.#counts.get(field) ?? 0) + 1);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await this.#sample();
      await this.#flush();
      await this.#deps.clock.sleep(EVERY_MS, signal);
    }
  }

  async #sample(): Promise<void> {
    const { redis, prefix, fleet } = this.#deps;
    const shards = this.#deps.shards();
    if (shards === null) return;
    const batch = redis.pipeline();
    for (let shard = 0; shard < shards; shard++) batch.xlen(shardKeys(prefix, fleet, shard).inbox);
    const now = Math.floor(this.#deps.redisNowMs());
    for (const { shard } of this.#deps.held()) {
      batch.zcount(shardKeys(prefix, fleet, shard).sessions, now, "+inf");
    }
    try {
      const numbers = ((await batch.exec()) ?? []).map(([error, value]) => {
        if (error !== null) throw error;
        return value as number;
      });
      this.#waiting = numbers.slice(0, shards);
      this.#sessions = numbers.slice(shards).reduce((sum, count) => sum + count, 0);
    } catch {
      // The last figures stand until Redis answers again.
    }
  }

  async #flush(): Promise<void> {
    if (this.#counts.size === 0) return;
    const { redis, prefix, fleet } = this.#deps;
    const counts = this.#counts;
    this.#counts = new Map();
    const key = fleetKeys(prefix, fleet).counts(Math.floor(this.#deps.redisNowMs() / 60_000));
    const batch = redis.multi();
    for (const [field, count] of counts) batch.hincrby(key, field, count);
    batch.expire(key, COUNTS_TTL_SECONDS);
    try {
      if ((await batch.exec()) === null) throw new Error("not executed");
    } catch {
      // Counted again with the next ones: where the answer alone was lost, that is a second too much in a chart.
      for (const [field, count] of counts) {
        this.#counts.set(field, (this.#counts.get(field) ?? 0) + count);
      }
    }
  }
}
