import type { ErrorCode } from "@chela/shared/errors/errors";
import { type ShardKeys, shardKeys } from "@chela/shared/keys/keys";
import type { Redis } from "ioredis";
import { Script } from "../redis/redis-script.ts";
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
  /** Messages for the channel's vendor, JSON each, in order. */
  readonly outbox: readonly string[];
}

export type Begun = "begun" | "exhausted" | "fenced" | "gone";
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
  readonly #keys = new Map<number, ShardKeys>();

  constructor(
    redis: Redis,
    identity: { prefix: string; fleet: string; gateway: string; incarnation: string },
    limits: InboxLimits,
  ) {
    this.#redis = redis;
    this.#prefix = identity.prefix;
    this.#fleet = identity.fleet;
    this.#gateway = identity.gateway;
    this.#incarnation = identity.incarnation;
    this.#limits = limits;
  }

  keys(shard: number): ShardKeys {
    const known = this.#keys.get(shard) ?? shardKeys(this.#prefix, this.#fleet, shard);
    this.#keys.set(shard, known);
    return known;
  }

  /** Stores events, each once; one result per item. */
  async ingest(items: readonly IngestItem[]): Promise<Stored[]> {
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
    return ((await ingest.run(this.#redis, keys, args)) as string[]).map(storedOf);
  }

  /** Counts an attempt. */
  async begin(holder: Holder, entryId: string): Promise<Begun> {
    const keys = this.keys(holder.shard);
    const answer = await begin.run(
      this.#redis,
      [keys.lease, keys.inbox, keys.attempts],
      [...this.#fence(holder), entryId, ATTEMPTS_MAX],
    );
    if (answer === -1) return "fenced";
    if (answer === -2) return "gone";
    return answer === 0 ? "exhausted" : "begun";
  }

  /** Takes the counted attempt back. */
  async giveBack(shard: number, entryId: string): Promise<void> {
    await giveBack.run(this.#redis, [this.keys(shard).attempts], [entryId]);
  }

  /** Ends the turn; may be repeated when its outcome is unknown: the second answers "gone". */
  async commit(holder: Holder, entry: InboxEntry, outcome: Outcome): Promise<Committed> {
    const keys = this.keys(holder.shard);
    const answer = (await commit.run(
      this.#redis,
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
        isFollowed(entry) ? keys.live : "",
        outcome.deadReason,
        ...outcome.outbox,
      ],
    )) as [number, string];
    return answer[0] === 1 ? "committed" : (answer[1] as "fenced" | "gone");
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
