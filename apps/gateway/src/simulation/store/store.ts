import type { Handover } from "@chela/shared/lease/schema";
import type { InboxEntry, Stored } from "../../inbox/event.ts";
import type { Begun, Committed, Holder, IngestItem, Outcome } from "../../inbox/redis-inbox.ts";
import type { LeaseStore } from "../../lease/store.ts";
import type { LiveMessage } from "../../live/word.ts";
import type { Claim, GivenUp, OutboxEntry } from "../../outbox/delivery.ts";

/** The model answers at once, Redis after a while. */
export type Answer<T> = T | Promise<T>;

export type LeasePort = {
  [Call in keyof LeaseStore]: (
    ...args: Parameters<LeaseStore[Call]>
  ) => Answer<Awaited<ReturnType<LeaseStore[Call]>>>;
};

/** A port whose answers are there at once. */
export type AtOnce<Port> = {
  [Call in keyof Port]: Port[Call] extends (...args: infer Args) => infer Given
    ? (...args: Args) => Exclude<Given, Promise<unknown>>
    : Port[Call];
};

/** What RedisInbox does, and the reading of it. */
export interface InboxPort {
  ingest(items: readonly IngestItem[]): Answer<Stored[]>;
  begin(holder: Holder, entryId: string, suspectFrom?: number): Answer<Begun>;
  giveBack(shard: number, entryId: string): Answer<void>;
  commit(holder: Holder, entry: InboxEntry, outcome: Outcome): Answer<Committed>;
  /** Entries after the cursor, oldest first. */
  read(shard: number, cursor: string, count: number): Answer<InboxEntry[]>;
  /** Where a new holder begins to read: before the first entry. */
  beginning(shard: number): string;
}

/** What RedisOutbox does. */
interface OutboxPort {
  read(shard: number, cursor: string, count: number): Answer<OutboxEntry[]>;
  claim(holder: Holder, ids: readonly string[]): Answer<Claim[]>;
  unclaim(holder: Holder, id: string): Answer<void>;
  settle(shard: number, id: string, givenUp: GivenUp | null): Answer<void>;
}

/** What one start of one gateway does at the store. */
export interface GatewayPort {
  readonly lease: LeasePort;
  readonly inbox: InboxPort;
  readonly outbox: OutboxPort;
}

export interface DeadLetter {
  readonly kind: "inbox" | "outbox";
  readonly reason: string;
  /** Event id, or the message. */
  readonly what: string;
}

/** The store as gateways, console, agent and the one who judges use it. */
export interface SimulatedStore {
  gateway(name: string, incarnation: string): GatewayPort;

  /** Console; the highest epoch is its high-water mark. */
  writeEpoch(shard: number, epoch: number): Answer<void>;
  writeControl(fields: Record<string, string>): Answer<void>;
  writeHandover(shard: number, handover: Handover): Answer<void>;
  /** Ends whatever lease stands there, by a higher epoch; answers that epoch, null when the shard is not `holder`'s. */
  fence(shard: number, holder: string, handover: Handover): Answer<number | null>;
  /** Agent: a container is dead. */
  releaseDead(name: string, incarnation: string): Answer<void>;

  /** Mishaps: another process with the same data; a shard whose inbox takes no more; everything gone. */
  restart(): Answer<void>;
  refuseAppends(shard: number, refuse: boolean): Answer<void>;
  wipe(): Answer<void>;

  /** The judge. */
  inboxLength(shard: number): Answer<number>;
  outboxLength(shard: number): Answer<number>;
  messages(shard: number, sessionKey: string): Answer<LiveMessage[]>;
  deadLetters(shard: number): Answer<DeadLetter[]>;
}
