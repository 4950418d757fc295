import type { Clock } from "@chela/shared/clock/clock";
import { fleetKeys, shardKeys } from "@chela/shared/keys/keys";
import type { Redis } from "ioredis";
import { Script } from "../redis/redis-script.ts";
import { type EventName, FrequentEvents } from "./frequent-events.ts";
import type { WebhookOutcome } from "./metrics.ts";

const forgetEnded = new Script(new URL("../session/lua/forget-ended.lua", import.meta.url));

const EVERY_MS = 1_000;
const COUNTS_TTL_SECONDS = 25 * 3_600;
const MINUTE_MS = 60_000;
const QUARTER_MS = 15 * MINUTE_MS;
/** Duplicated events told to Redis a second, and kept there a quarter of an hour: the most frequent ones. */
const DUPLICATES_TOLD_MAX = 100;
const DUPLICATES_KEPT_MAX = 500;
/** Ended sessions taken out of one shard's set a second. */
const ENDED_MAX = 200;

export interface SamplerDeps {
  readonly redis: Redis;
  readonly prefix: string;
  readonly fleet: string;
  readonly clock: Clock;
  readonly redisNowMs: () => number;
  readonly shards: () => number | null;
  readonly held: () => { shard: number }[];
}

/**
 * Once a second: how much waits in each shard, how many sessions and dead letters there are in ours, and our webhook
 * counts and duplicated events into the fleet's.
 */
export class RedisSampler {
  readonly #deps: SamplerDeps;
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #waiting: readonly number[] = [];
  #sessions = 0;
  #deadLetters = 0;
  #counts = new Map<string, number>();
  readonly #duplicates = new FrequentEvents();

  constructor(deps: SamplerDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Ends sampling; what was counted is written once more. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
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

  /** Dead letters in the shards this gateway holds. */
  deadLetters(): number {
    return this.#deadLetters;
  }

  /** Shards whose inbox holds at least `backlogMax` entries. */
  full(backlogMax: number): number[] {
    return [...this.#waiting.keys()].filter((shard) => this.#waiting[shard]! >= backlogMax);
  }

  count(channel: string, outcome: WebhookOutcome): void {
    const field = `${channel}:${outcome}`;
    this.#counts.set(field, (this.#counts.get(field) ?? 0) + 1);
  }

  /** An event came again. */
  duplicate(event: EventName): void {
    this.#duplicates.add(event);
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
    const held = this.#deps.held().map(({ shard }) => shardKeys(prefix, fleet, shard));
    const batch = redis.pipeline();
    for (let shard = 0; shard < shards; shard++) batch.xlen(shardKeys(prefix, fleet, shard).inbox);
    const now = Math.floor(this.#deps.redisNowMs());
    for (const { sessions } of held) batch.zcount(sessions, now, "+inf").zcard(sessions);
    for (const { dead } of held) batch.xlen(dead);
    try {
      const numbers = ((await batch.exec()) ?? []).map(([error, value]) => {
        if (error !== null) throw error;
        return value as number;
      });
      this.#waiting = numbers.slice(0, shards);
      const live = held.map((_, index) => numbers[shards + 2 * index]!);
      const all = held.map((_, index) => numbers[shards + 2 * index + 1]!);
      this.#sessions = sum(live);
      this.#deadLetters = sum(numbers.slice(shards + 2 * held.length));
      // Commits take ended sessions out too, but only where there are commits.
      const ended = held.filter((_, index) => all[index]! > live[index]!);
      await Promise.all(
        ended.map(({ sessions }) => forgetEnded.run(redis, [sessions], [ENDED_MAX])),
      );
    } catch {
      // The last figures stand until Redis answers again.
    }
  }

  async #flush(): Promise<void> {
    if (this.#counts.size === 0 && this.#duplicates.size === 0) return;
    const { redis, prefix, fleet } = this.#deps;
    const counts = this.#counts;
    this.#counts = new Map();
    const duplicates = this.#duplicates.take(DUPLICATES_TOLD_MAX);
    const keys = fleetKeys(prefix, fleet);
    const nowMs = this.#deps.redisNowMs();
    const batch = redis.multi();
    if (counts.size > 0) {
      const key = keys.counts(Math.floor(nowMs / MINUTE_MS));
      for (const [field, count] of counts) batch.hincrby(key, field, count);
      batch.expire(key, COUNTS_TTL_SECONDS);
    }
    if (duplicates.length > 0) {
      const key = keys.duplicates(Math.floor(nowMs / QUARTER_MS));
      for (const [name, count] of duplicates) batch.zincrby(key, count, name);
      batch.zremrangebyrank(key, 0, -DUPLICATES_KEPT_MAX - 1);
      batch.expire(key, COUNTS_TTL_SECONDS);
    }
    try {
      if ((await batch.exec()) === null) throw new Error("not executed");
    } catch {
      // Counted again with the next ones: where the answer alone was lost, that is a second too much in a chart.
      for (const [field, count] of counts) {
        this.#counts.set(field, (this.#counts.get(field) ?? 0) + count);
      }
      this.#duplicates.putBack(duplicates);
    }
  }
}

const sum = (figures: readonly number[]) => figures.reduce((all, figure) => all + figure, 0);
