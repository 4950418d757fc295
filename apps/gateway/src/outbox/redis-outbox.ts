import { shardKeys } from "@chela/shared/keys/keys";
import type { Redis } from "ioredis";
import { type Durability, onPrimary } from "../redis/redis-durability.ts";
import { Script } from "../redis/redis-script.ts";
import type { ShardGrant } from "../shard/shard-work.ts";
import type { Claim, GivenUp, OutboxEntry } from "./delivery.ts";

const claim = new Script(new URL("./lua/claim.lua", import.meta.url));
const unclaim = new Script(new URL("./lua/unclaim.lua", import.meta.url));
const settle = new Script(new URL("./lua/settle.lua", import.meta.url));

type Holder = Pick<ShardGrant, "shard" | "epoch">;

export interface OutboxIdentity {
  readonly prefix: string;
  readonly fleet: string;
  readonly gateway: string;
  readonly incarnation: string;
}

/** The outbox as it stands in Redis. Every method is one script or command; failures of Redis are thrown. */
export class RedisOutbox {
  readonly #redis: Redis;
  readonly #identity: OutboxIdentity;
  readonly #durable: Durability;

  constructor(redis: Redis, identity: OutboxIdentity, durable: Durability = onPrimary(redis)) {
    this.#redis = redis;
    this.#identity = identity;
    this.#durable = durable;
  }

  /** The entries after `cursor`, oldest first, without their messages: those come with the claim. */
  async read(shard: number, cursor: string, count: number): Promise<OutboxEntry[]> {
    const { outbox } = this.#keys(shard);
    const raw = await this.#redis.xrange(outbox, `(${cursor}`, "+", "COUNT", count);
    return raw.map(([id, fields]) => {
      const at: Record<string, string> = {};
      for (let i = 0; i + 1 < fields.length; i += 2) at[fields[i]!] = fields[i + 1]!;
      const { channel = "", session = "" } = at;
      return { id, channel, sessionKey: session };
    });
  }

  /**
   * One claim per id, in their order; may be repeated when its outcome is unknown. Counts only once it would outlast
   * the loss of Redis' primary, where there are replicas: else what was sent could be taken for not begun.
   */
  async claim(holder: Holder, ids: readonly string[]): Promise<Claim[]> {
    const { gateway, incarnation } = this.#identity;
    const { lease, outbox, claims, mark } = this.#keys(holder.shard);
    const answer = (await this.#durable.run(
      claim,
      [lease, outbox, claims],
      [gateway, incarnation, holder.epoch, ...ids],
      mark,
    )) as -1 | [epoch: number, message: string][];
    if (answer === -1) return ids.map(() => ({ kind: "fenced" }));
    return answer.map(([epoch, message]) =>
      epoch === 0 ? { kind: "gone" } : { kind: "claimed", epoch, message },
    );
  }

  /** Takes this holder's claim back. */
  async unclaim(holder: Holder, id: string): Promise<void> {
    await unclaim.run(this.#redis, [this.#keys(holder.shard).claims], [holder.epoch, id]);
  }

  /** Ends an entry: it was sent, or it is given up. */
  async settle(shard: number, id: string, givenUp: GivenUp | null): Promise<void> {
    const { outbox, dead, claims } = this.#keys(shard);
    await settle.run(
      this.#redis,
      [outbox, dead, claims],
      [id, givenUp?.reason ?? "", givenUp?.detail ?? ""],
    );
  }

  #keys(shard: number) {
    return shardKeys(this.#identity.prefix, this.#identity.fleet, shard);
  }
}
