import type { Redis } from "ioredis";
import type { Said } from "../assistant/assistant.ts";
import type { LiveMessage } from "../live/word.ts";

const MESSAGES_PER_READ = 500;

/** Sessions' histories as they stand in Redis: streams that only commits write. */
export class RedisHistory {
  readonly #redis: Redis;
  readonly #keyOf: (sessionKey: string) => string;

  /** `keyOf`: where a session's history stands; throws while that is not known. */
  constructor(redis: Redis, keyOf: (sessionKey: string) => string) {
    this.#redis = redis;
    this.#keyOf = keyOf;
  }

  /**
   * The last messages, oldest first, as an assistant is shown them. What was answered with an error is left out
   * whole: shown again, a message that was refused would get every later one refused.
   */
  async last(sessionKey: string, messagesMax: number): Promise<Said[]> {
    if (messagesMax === 0) return [];
    const key = this.#keyOf(sessionKey);
    const newestFirst = await this.#redis.xrevrange(key, "+", "-", "COUNT", messagesMax);
    const messages = newestFirst.reverse().map(([id, fields]) => ({ id, is: asObject(fields) }));
    const failed = new Set(
      messages.flatMap(({ is }) => (is["role"] === "error" ? is["replyTo"] : [])),
    );
    return messages.flatMap(({ id, is: { role, text = "" } }) =>
      (role === "user" && !failed.has(id)) || role === "assistant" ? [{ role, text }] : [],
    );
  }

  /** The newest answer to an event; null: none is committed (or kept). */
  async answerTo(sessionKey: string, event: string): Promise<LiveMessage | null> {
    const key = this.#keyOf(sessionKey);
    for (let to = "+"; ; ) {
      const read = await this.#redis.xrevrange(key, to, "-", "COUNT", MESSAGES_PER_READ);
      for (const [id, fields] of read) {
        const message = messageOf(id, fields);
        if (message.event === event && message.role !== "user") return message;
      }
      if (read.length < MESSAGES_PER_READ) return null;
      to = `(${read.at(-1)![0]}`;
    }
  }

  /** Everything after the message with the id `after` (empty: from the beginning), oldest first. */
  async after(sessionKey: string, after: string): Promise<LiveMessage[]> {
    const messages: LiveMessage[] = [];
    for (let last = after; ; last = messages.at(-1)!.eventId) {
      const page = await this.page(sessionKey, last, MESSAGES_PER_READ);
      messages.push(...page);
      if (page.length < MESSAGES_PER_READ) return messages;
    }
  }

  /** As `after`, but not more than the first `max` of them. */
  async page(sessionKey: string, after: string, max: number): Promise<LiveMessage[]> {
    const key = this.#keyOf(sessionKey);
    const from = after === "" ? "-" : `(${after}`;
    const read = await this.#redis.xrange(key, from, "+", "COUNT", max);
    return read.map(([id, fields]) => messageOf(id, fields));
  }

  /** Id of the newest message; empty where there is none. */
  async newest(sessionKey: string): Promise<string> {
    const key = this.#keyOf(sessionKey);
    return (await this.#redis.xrevrange(key, "+", "-", "COUNT", 1))[0]?.[0] ?? "";
  }
}

/** A history entry as ioredis gives it → what callers are told. */
export function messageOf(id: string, fields: readonly string[]): LiveMessage {
  const { role, text = "", previous = "", event = "", ending } = asObject(fields);
  const message = { eventId: id, previous, role: role as LiveMessage["role"], text, event };
  return ending === undefined ? message : { ...message, ending };
}

function asObject(fields: readonly string[]): Partial<Record<string, string>> {
  const object: Partial<Record<string, string>> = {};
  for (let i = 0; i + 1 < fields.length; i += 2) object[fields[i]!] = fields[i + 1]!;
  return object;
}
