import type { Clock } from "@chela/shared/clock/clock";
import type { Redis } from "ioredis";
import type { Ack } from "./redis-durability.ts";

const EVERY_MS = 30_000;

/**
 * What of a Redis' settings takes a guarantee away, from its INFO (CONFIG may be forbidden): `code: sentence` each.
 * Not a reason to take no traffic: all goes well until the day it matters.
 */
export function warningsFrom(info: string, ack: Ack): string[] {
  const of = new Map(info.split(/\r?\n/).map((line) => line.split(":", 2) as [string, string]));
  const policy = of.get("maxmemory_policy");
  const warnings: string[] = [];
  if (policy !== undefined && policy !== "noeviction") {
    warnings.push(
      `redis-evicts: Redis may drop accepted events, leases and histories when its memory is full (maxmemory-policy ${policy}). Set maxmemory-policy noeviction.`,
    );
  }
  // Redis tells how many good replicas there are only where it demands some.
  if (ack === "replica" && !of.has("min_slaves_good_slaves")) {
    warnings.push(
      "redis-accepts-alone: A primary that was cut off from its replicas still takes writes, which are lost when it comes back. Set min-replicas-to-write 1 on every Redis of the group.",
    );
  }
  return warnings;
}

/** Looks at Redis' settings now and then, and at each new connection: another Redis may answer it. */
export class RedisWarnings {
  readonly #redis: Redis;
  readonly #ack: Ack;
  readonly #clock: Clock;
  readonly #onWarning: (warning: string) => void;
  readonly #stop = new AbortController();
  #rest = new AbortController();
  #warnings: readonly string[] = [];

  /** `onWarning` hears each one when it comes up. */
  constructor(redis: Redis, ack: Ack, clock: Clock, onWarning: (warning: string) => void) {
    this.#redis = redis;
    this.#ack = ack;
    this.#clock = clock;
    this.#onWarning = onWarning;
    redis.on("ready", () => this.#rest.abort());
  }

  list(): readonly string[] {
    return this.#warnings;
  }

  start(): void {
    void this.#run();
  }

  stop(): void {
    this.#stop.abort();
    this.#rest.abort();
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      this.#rest = new AbortController();
      try {
        this.#take(warningsFrom(await this.#redis.info(), this.#ack));
      } catch {
        // Away: what was seen last stands.
      }
      await this.#clock.sleep(EVERY_MS, this.#rest.signal);
    }
  }

  #take(warnings: readonly string[]): void {
    for (const warning of warnings) if (!this.#warnings.includes(warning)) this.#onWarning(warning);
    this.#warnings = warnings;
  }
}
