import { shardKeys } from "@chela/shared/keys/keys";
import type { Redis } from "ioredis";
import type { Said } from "../assistant/assistant.ts";
import type { LiveMessage } from "../live/word.ts";

const MESSAGES_PER_READ = 500;

/** Sessions' histories as they stand in Redis: streams that only commits write. */
export class RedisHistory {
  readonly #redis: Redis;
  readonly #keyOf: (shard: number, sessionKey: string) => string;

  constructor(redis: Redis, prefix: string, fleet: string) {
    this.#redis = redis;
    this.#keyOf = (shard, sessionKey) => shardKeys(prefix, fleet, shard).history(sessionKey);
  }

  /** The last messages, oldest first, as an assistant is shown them: errors that the user saw are left out. */
  async last(shard: number, sessionKey: string, messagesMax: number): Promise<Said[]> {
    if (messagesMax === 0) return [];
    const key = this.#keyOf(shard, sessionKey);
    const newestFirst = await this.#redis.xrevrange(key, "+", "-", "COUNT", messagesMax);
    return newestFirst.reverse().flatMap(([, fields]) => {
      const { role, text = "" } = asObject(fields);
      return role === "user" || role === "assistant" ? [{ role, text }] : [];
    });
  }

  /** Everything after the message with the id `after` (empty: from the beginning), oldest first. */
  async after(shard: number, sessionKey: string, after: string): Promise<LiveMessage[]> {
    const key = this.#keyOf(shard, sessionKey);
    const messages: LiveMessage[] = [];
    for (let from = after === "" ? "-" : `(${after}`; ; ) {
      const read = await this.#redis.xrange(key, from, "+", "COUNT", MESSAGES_PER_READ);
      messages.push(...read.map(([id, fields]) => messageOf(id, asObject(fields))));
      if (read.length < MESSAGES_PER_READ) return messages;
      from = `(${read.at(-1)![0]}`;
    }
  }

  /** Id of the newest message; empty where there is none. */
  async newest(shard: number, sessionKey: string): Promise<string> {
    const key = this.#keyOf(shard, sessionKey);
    return (await this.#redis.xrevrange(key, "+", "-", "COUNT", 1))[0]?.[0] ?? "";
  }
}

function messageOf(id: string, fields: Partial<Record<string, string>>): LiveMessage {
  const { role, text = "", previous = "", event = "" } = fields;
  return { eventId: id, previous, role: role as LiveMessage["role"], text, event };
}

function asObject(fields: readonly string[]): Partial<Record<string, string>> {
  const object: Partial<Record<string, string>> = {};
  for (let i = 0; i + 1 < fields.length; i += 2) object[fields[i]!] = fields[i + 1]!;
  return object;
}
