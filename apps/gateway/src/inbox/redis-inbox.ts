import type { ErrorCode } from "@chela/shared/errors/errors";
import { type ShardKeys, shardKeys } from "@chela/shared/keys/keys";
import type { Redis } from "ioredis";
import type { Ending } from "../assistant/assistant.ts";
import type { LiveWord } from "../live/word.ts";
import { type Durability, NotReplicated, onPrimary } from "../redis/redis-durability.ts";
import { Script } from "../redis/redis-script.ts";
import { messageOf } from "../session/redis-history.ts";
import {
  type CallerRequest,
  type InboundEvent,
  type InboxEntry,
  isFollowed,
  type Stored,
} from "./event.ts";

const ingest = new Script(new URL("./lua/ingest.lua", import.meta.url));
const begin = new Script(new URL("./lua/begin.lua", import.meta.url));
const giveBack = new Script(new URL("./lua/give-back.lua", import.meta.url));
const commit = new Script(new URL("./lua/commit.lua", import.meta.url));

/** Whose writes these are: checked by every fenced script. */
export interface Holder {
  readonly shard: number;
  readonly epoch: number;
}

export interface IngestItem {
  readonly event: InboundEvent;
  readonly shard: number;
  /** 0: not deduplicated. */
  readonly dedupeTtlMs: number;
}

export interface Outcome {
  readonly role: "assistant" | "error";
  readonly text: string;
  /** Why the event is given up; empty: it is not. */
  readonly deadReason: string;
  /** What is known of the answer beside its text. */
  readonly ending?: Ending;
  /** Messages for the channel's vendor, JSON each, in order. */
  readonly outbox: readonly string[];
}

export type Begun = "begun" | "suspect" | "exhausted" | "fenced" | "gone";
export type Committed = "committed" | "fenced" | "gone";

export interface InboxLimits {
  readonly backlogMax: number;
  readonly sessionTtlSeconds: number;
  readonly historyMax: number;
}

/** After so many begun turns an event is given up. */
const ATTEMPTS_MAX = 5;

/** The inbox as it stands in Redis. Every method is one script or command; failures of Redis are thrown. */
export class RedisInbox {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #fleet: string;
  readonly #gateway: string;
  readonly #incarnation: string;
  readonly #limits: InboxLimits;
  readonly #durable: Durability;
  readonly #keys = new Map<number, ShardKeys>();

  constructor(
    redis: Redis,
    identity: { prefix: string; fleet: string; gateway: string; incarnation: string },
    limits: InboxLimits,
    durable: Durability = onPrimary(redis),
  ) {
    this.#redis = redis;
    this.#prefix = identity.prefix;
    this.#fleet = identity.fleet;
    this.#gateway = identity.gateway;
    this.#incarnation = identity.incarnation;
    this.#limits = limits;
    this.#durable = durable;
  }

  keys(shard: number): ShardKeys {
    const known = this.#keys.get(shard) ?? shardKeys(this.#prefix, this.#fleet, shard);
    this.#keys.set(shard, known);
    return known;
  }

  /** Stores events, each once; one result per item. "Duplicate" is an answer to be relied on like "accepted". */
  async ingest(items: readonly IngestItem[]): Promise<Stored[]> {
    if (items.length === 0) return [];
    const keys: string[] = [];
    const args: (string | number)[] = [this.#limits.backlogMax];
    for (const { event, shard, dedupeTtlMs } of items) {
      const { inbox, dedupe } = this.keys(shard);
      keys.push(inbox, dedupe(event.channel, event.sessionKey, event.eventId));
      args.push(
        dedupeTtlMs,
        event.channel,
        event.sessionKey,
        event.eventId,
        event.text,
        event.reply,
        this.#gateway,
        event.request === null ? "" : JSON.stringify(event.request),
      );
    }
    const { mark } = this.keys(items[0]!.shard);
    try {
      return ((await this.#durable.run(ingest, keys, args, mark)) as string[]).map(storedOf);
    } catch (error) {
      if (!(error instanceof NotReplicated)) throw error;
      return items.map(() => ({ outcome: "unavailable", code: "not-replicated" }));
    }
  }

  /** Counts an attempt. @param suspectFrom with so many attempts before this one it is a suspect: nothing is counted. */
  async begin(holder: Holder, entryId: string, suspectFrom = ATTEMPTS_MAX): Promise<Begun> {
    const keys = this.keys(holder.shard);
    const answer = await begin.run(
      this.#redis,
      [keys.lease, keys.inbox, keys.attempts],
      [...this.#fence(holder), entryId, ATTEMPTS_MAX, suspectFrom],
    );
    if (answer === -1) return "fenced";
    if (answer === -2) return "gone";
    if (answer === -3) return "suspect";
    return answer === 0 ? "exhausted" : "begun";
  }

  /** Takes the counted attempt back. */
  async giveBack(shard: number, entryId: string): Promise<void> {
    await giveBack.run(this.#redis, [this.keys(shard).attempts], [entryId]);
  }

  /** Ends the turn; may be repeated when its outcome is unknown: the second answers "gone". */
  async commit(holder: Holder, entry: InboxEntry, outcome: Outcome): Promise<Committed> {
    const keys = this.keys(holder.shard);
    const followed = isFollowed(entry);
    const answer = (await this.#durable.run(
      commit,
      [
        keys.lease,
        keys.inbox,
        keys.attempts,
        keys.session(entry.sessionKey),
        keys.history(entry.sessionKey),
        keys.sessions,
        keys.outbox,
        keys.dead,
      ],
      [
        ...this.#fence(holder),
        entry.id,
        entry.sessionKey,
        outcome.role,
        outcome.text,
        entry.request?.sessionTtlSeconds ?? this.#limits.sessionTtlSeconds,
        this.#limits.historyMax,
        followed && this.#durable.ack === "primary" ? keys.live : "",
        outcome.deadReason,
        entry.eventId,
        outcome.ending === undefined ? "" : JSON.stringify(outcome.ending),
        ...outcome.outbox,
      ],
      keys.mark,
    )) as [number, string];
    if (followed && this.#durable.ack === "replica") await this.#tell(keys, entry);
    return answer[0] === 1 ? "committed" : (answer[1] as "fenced" | "gone");
  }

  /**
   * What the script publishes where its own word is enough: here only once a replica has it. Also after "gone", since
   * that may be the answer to a repeated commit whose first answer was lost. Throws: then the commit is repeated.
   */
  async #tell(keys: ShardKeys, { sessionKey, eventId }: InboxEntry): Promise<void> {
    const key = keys.history(sessionKey);
    const last = await this.#redis.xrevrange(key, "+", "-", "COUNT", 2);
    const messages = last
      .reverse()
      .map(([id, fields]) => messageOf(id, fields))
      .filter(({ event }) => event === eventId);
    if (messages.length === 0) return;
    const word: LiveWord = { session: sessionKey, messages };
    await this.#redis.publish(keys.live, JSON.stringify(word));
  }

  #fence(holder: Holder): [string, string, number] {
    return [this.#gateway, this.#incarnation, holder.epoch];
  }
}

function storedOf(result: string): Stored {
  switch (result[0]) {
    case "A":
      return { outcome: "accepted" };
    case "D":
      return { outcome: "duplicate" };
    case "F":
      return { outcome: "unavailable", code: "backlog-full" };
    default:
      return { outcome: "unavailable", code: "redis-unreachable" satisfies ErrorCode };
  }
}

/** A stream entry as ioredis gives it → an event; null where fields are missing. */
export function entryOf(id: string, fields: readonly string[]): InboxEntry | null {
  const at: Record<string, string> = {};
  for (let i = 0; i + 1 < fields.length; i += 2) at[fields[i]!] = fields[i + 1]!;
  const { channel, session, event, text = "", reply = "", request = "" } = at;
  if (channel === undefined || session === undefined || event === undefined) return null;
  return {
    id,
    channel,
    sessionKey: session,
    eventId: event,
    text,
    reply,
    request: request === "" ? null : (JSON.parse(request) as CallerRequest),
  };
}
