import { fleetKeys, shardKeys } from "@chela/shared/keys/keys";
import { type Handover, memberField } from "@chela/shared/lease/schema";
import type { Redis } from "ioredis";
import { entryOf, RedisInbox } from "../../inbox/redis-inbox.ts";
import { createRedisLeaseStore } from "../../lease/redis-lease-store.ts";
import type { LiveMessage } from "../../live/word.ts";
import { RedisOutbox } from "../../outbox/redis-outbox.ts";
import { RedisHistory } from "../../session/redis-history.ts";
import type { DeadLetter, GatewayPort, SimulatedStore } from "./store.ts";

const PREFIX = "openclaw:";
const LIMITS = { backlogMax: 10_000, sessionTtlSeconds: 86_400, historyMax: 1_000 };
/** The last id there is: a stream that has come to it takes nothing more. */
const LAST_ID = "18446744073709551615-18446744073709551615";

/** A real Redis with the gateway's own adapters and scripts. `again`: ends its process and starts it on the same data. */
export class RedisStore implements SimulatedStore {
  readonly #redis: Redis;
  readonly #fleet: string;
  readonly #again: () => Promise<void>;
  readonly #refusing = new Map<number, string>();

  constructor(redis: Redis, fleet: string, again: () => Promise<void>) {
    this.#redis = redis;
    this.#fleet = fleet;
    this.#again = again;
  }

  gateway(name: string, incarnation: string): GatewayPort {
    const redis = this.#redis;
    const fleet = { prefix: PREFIX, fleet: this.#fleet };
    const identity = { ...fleet, gateway: name, incarnation };
    const inbox = new RedisInbox(redis, identity, LIMITS);
    return {
      lease: createRedisLeaseStore({ redis, ...fleet, name, incarnation }),
      inbox: {
        ingest: (items) => inbox.ingest(items),
        begin: (holder, id, suspectFrom) => inbox.begin(holder, id, suspectFrom),
        giveBack: (shard, id) => inbox.giveBack(shard, id),
        commit: (holder, entry, outcome) => inbox.commit(holder, entry, outcome),
        async read(shard, cursor, count) {
          const { inbox: key } = inbox.keys(shard);
          const read = await redis.xread("COUNT", count, "STREAMS", key, cursor);
          const [, entries] = read?.[0] ?? ["", []];
          return entries.map(([id, fields]) => entryOf(id, fields)).filter((e) => e !== null);
        },
        beginning: () => "0-0",
      },
      outbox: new RedisOutbox(redis, identity),
    };
  }

  async writeEpoch(shard: number, epoch: number): Promise<void> {
    await this.#redis.set(this.#keys(shard).epoch, epoch);
  }

  async writeControl(fields: Record<string, string>): Promise<void> {
    await this.#redis.hset(fleetKeys(PREFIX, this.#fleet).control, fields);
  }

  async writeHandover(shard: number, handover: Handover): Promise<void> {
    await this.#redis.hset(this.#keys(shard).handover, handover);
  }

  async fence(shard: number, holder: string, handover: Handover): Promise<number | null> {
    const keys = this.#keys(shard);
    const lease = await this.#redis.hgetall(keys.lease);
    if (lease["holder"] !== holder) return null;
    const stored = Number((await this.#redis.get(keys.epoch)) ?? 0);
    const epoch = Math.max(stored, Number(lease["epoch"])) + 1;
    await this.#redis.set(keys.epoch, epoch);
    await this.#redis.del(keys.lease);
    await this.writeHandover(shard, handover);
    return epoch;
  }

  async releaseDead(name: string, incarnation: string): Promise<void> {
    const { members, control } = fleetKeys(PREFIX, this.#fleet);
    await this.#redis.hdel(members, memberField(name, incarnation));
    const shards = Number(await this.#redis.hget(control, "shards"));
    for (let shard = 0; shard < shards; shard++) {
      const key = this.#keys(shard).lease;
      const lease = await this.#redis.hgetall(key);
      if (lease["holder"] === name && lease["incarnation"] === incarnation) {
        await this.#redis.del(key);
      }
    }
  }

  async restart(): Promise<void> {
    await this.#again();
  }

  async refuseAppends(shard: number, refuse: boolean): Promise<void> {
    const key = this.#keys(shard).inbox;
    if (refuse) {
      if (this.#refusing.has(shard)) return;
      if ((await this.#redis.exists(key)) === 0) {
        await this.#redis.xgroup("CREATE", key, "none", "$", "MKSTREAM");
        await this.#redis.xgroup("DESTROY", key, "none");
      }
      this.#refusing.set(shard, await this.#lastId(key));
      await this.#redis.call("XSETID", key, LAST_ID);
    } else {
      const lastId = this.#refusing.get(shard);
      this.#refusing.delete(shard);
      if (lastId !== undefined) await this.#redis.call("XSETID", key, lastId);
    }
  }

  async wipe(): Promise<void> {
    await this.#redis.flushall();
  }

  inboxLength = (shard: number) => this.#redis.xlen(this.#keys(shard).inbox);
  outboxLength = (shard: number) => this.#redis.xlen(this.#keys(shard).outbox);
  messages = (shard: number, sessionKey: string): Promise<LiveMessage[]> =>
    new RedisHistory(this.#redis, this.#keys(shard).history).after(sessionKey, "");

  async deadLetters(shard: number): Promise<DeadLetter[]> {
    const letters = await this.#redis.xrange(this.#keys(shard).dead, "-", "+");
    return letters.map(([, fields]) => {
      const at = (name: string) => fields[fields.indexOf(name) + 1] ?? "";
      const kind = at("kind") as DeadLetter["kind"];
      return { kind, reason: at("reason"), what: at(kind === "inbox" ? "event" : "message") };
    });
  }

  /** Of a stream, also when nothing stands in it any more. */
  async #lastId(key: string): Promise<string> {
    const about = (await this.#redis.xinfo("STREAM", key)) as unknown[];
    return String(about[about.indexOf("last-generated-id") + 1]);
  }

  #keys(shard: number) {
    return shardKeys(PREFIX, this.#fleet, shard);
  }
}
