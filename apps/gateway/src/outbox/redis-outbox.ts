import { shardKeys } from "@chela/shared/keys/keys";
import type { Redis } from "ioredis";
import { Script } from "../redis/redis-script.ts";

const settle = new Script(new URL("./lua/settle.lua", import.meta.url));

/** A message for a channel's vendor. */
export interface OutboxEntry {
  /** Stream id; its first part is Redis' time when it was written. */
  readonly id: string;
  readonly channel: string;
  readonly sessionKey: string;
  /** The channel's own JSON. */
  readonly message: string;
}

export class RedisOutbox {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #fleet: string;

  constructor(redis: Redis, prefix: string, fleet: string) {
    this.#redis = redis;
    this.#prefix = prefix;
    this.#fleet = fleet;
  }

  /** The entries after `cursor`, oldest first. */
  async read(shard: number, cursor: string, count: number): Promise<OutboxEntry[]> {
    const key = shardKeys(this.#prefix, this.#fleet, shard).outbox;
    const raw = await this.#redis.xrange(key, `(${cursor}`, "+", "COUNT", count);
    return raw.map(([id, fields]) => {
      const at: Record<string, string> = {};
      for (let i = 0; i + 1 < fields.length; i += 2) at[fields[i]!] = fields[i + 1]!;
      const { channel = "", session = "", message = "" } = at;
      return { id, channel, sessionKey: session, message };
    });
  }

  /** Ends an entry; `reason` when it is given up. */
  async settle(shard: number, id: string, reason: string): Promise<void> {
    const { outbox, dead } = shardKeys(this.#prefix, this.#fleet, shard);
    await settle.run(this.#redis, [outbox, dead], [id, reason]);
  }
}
