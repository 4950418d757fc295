import type { Clock } from "@chela/shared/clock/clock";
import type { Redis } from "ioredis";
import type { RedisSettings } from "../settings.ts";
import { COMMAND_TIMEOUT_MS } from "./redis-connection.ts";
import { isUnknownScript, type Script, type ScriptArgument } from "./redis-script.ts";

/** Who must have a write before it counts: the Redis that was asked, or a replica of it too. */
export type Ack = "primary" | "replica";

/** As configured; by default a replica where there are replicas that may take over. */
export function ackOf(settings: RedisSettings): Ack {
  return settings.ack ?? (settings.sentinels === undefined ? "primary" : "replica");
}

/** Runs the scripts whose outcome others are told of: a 2xx, a lease, a reply. */
export interface Durability {
  readonly ack: Ack;
  /**
   * The script's answer, once it counts. Throws when it does not, or when nobody knows: the script may have run all
   * the same. `mark`: a key in the slot of `keys` (keys.mark) that may be written beside it.
   */
  run(
    script: Script,
    keys: readonly string[],
    args: readonly ScriptArgument[],
    mark: string,
  ): Promise<unknown>;
}

/** What the script did stands in this Redis, and no replica has confirmed it. */
export class NotReplicated extends Error {
  constructor(reason: string) {
    super(`NOTREPLICATED ${reason}`);
  }
}

export function durabilityOf(redis: Redis, ack: Ack, clock: Clock): Durability {
  return ack === "primary" ? onPrimary(redis) : new OnReplica(redis, clock);
}

/** Redis' own answer is enough. */
export function onPrimary(redis: Redis): Durability {
  return { ack: "primary", run: (script, keys, args) => script.run(redis, keys, args) };
}

/** A replica needs about a millisecond. Far enough below the command time-out: Redis looks for what is over every 100 ms. */
const REPLICA_TIMEOUT_MS = 200;
/** Waited this long for its turn, a call cannot be answered in time any more: it is not sent. */
const TURN_MAX_MS = 400;
const CALLS_PER_ROUND_MAX = 128;

interface Call {
  readonly script: Script;
  readonly keys: readonly string[];
  readonly args: readonly ScriptArgument[];
  readonly mark: string;
  readonly sinceMs: number;
  resolve(answer: unknown): void;
  reject(error: unknown): void;
}

/**
 * An answer counts once a replica has confirmed everything this Redis had written up to then: WAIT. In one round
 * trip on one connection, so that it is the same Redis that ran the script and that waits: script, mark, WAIT.
 *
 * The mark is a write of our own. WAIT speaks of what its own connection wrote; a script that wrote nothing (a
 * duplicate, an entry that is gone) tells of another connection's write, which the mark comes after.
 *
 * WAIT holds up its connection, so calls go in rounds: those that come while one is under way share the next WAIT.
 */
class OnReplica implements Durability {
  readonly ack = "replica";
  readonly #redis: Redis;
  readonly #clock: Clock;
  #waiting: Call[] = [];
  #sending = false;

  constructor(redis: Redis, clock: Clock) {
    this.#redis = redis;
    this.#clock = clock;
  }

  run(
    script: Script,
    keys: readonly string[],
    args: readonly ScriptArgument[],
    mark: string,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const sinceMs = this.#clock.monotonicMs();
      this.#waiting.push({ script, keys, args, mark, sinceMs, resolve, reject });
      if (this.#sending) return;
      this.#sending = true;
      queueMicrotask(() => void this.#send());
    });
  }

  async #send(): Promise<void> {
    while (this.#waiting.length > 0) {
      const nowMs = this.#clock.monotonicMs();
      const round: Call[] = [];
      for (const call of this.#waiting.splice(0, CALLS_PER_ROUND_MAX)) {
        if (nowMs - call.sinceMs <= TURN_MAX_MS) round.push(call);
        else call.reject(new Error("Redis is too slow: not sent"));
      }
      if (round.length > 0) await this.#inTime(round, nowMs);
    }
    this.#sending = false;
  }

  /** Tells every caller within the command time-out, its wait for the round included; resolves when the round is over. */
  async #inTime(round: readonly Call[], nowMs: number): Promise<void> {
    const over = new AbortController();
    void this.#clock.sleep(round[0]!.sinceMs + COMMAND_TIMEOUT_MS - nowMs, over.signal).then(() => {
      if (over.signal.aborted) return;
      for (const call of round) call.reject(new Error("Command timed out"));
    });
    await this.#exchange(round, false);
    over.abort();
  }

  async #exchange(calls: readonly Call[], inFull: boolean): Promise<void> {
    const batch = this.#redis.pipeline();
    for (const { script, keys, args } of calls) script.addTo(batch, keys, args, inFull);
    batch.set(calls[0]!.mark, "").call("WAIT", 1, REPLICA_TIMEOUT_MS);
    const replies = (await batch.exec().catch(() => null)) ?? [];
    const [marked, waited] = [replies[calls.length], replies[calls.length + 1]];
    const unknown: Call[] = [];
    for (const [index, call] of calls.entries()) {
      const [error, answer] = replies[index] ?? [new Error("not connected"), null];
      if (isUnknownScript(error) && !inFull) unknown.push(call);
      else if (error !== null) call.reject(error);
      else if (marked?.[0] == null && Number(waited?.[1]) >= 1) call.resolve(answer);
      else call.reject(new NotReplicated(reasonOf(marked?.[0] ?? waited?.[0])));
    }
    if (unknown.length > 0) await this.#exchange(unknown, true);
  }
}

const reasonOf = (error: Error | null | undefined): string =>
  error?.message ?? `no replica confirmed it within ${REPLICA_TIMEOUT_MS} ms`;
