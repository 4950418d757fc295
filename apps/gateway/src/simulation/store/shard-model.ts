import type { Lease } from "@chela/shared/lease/schema";
import type { InboxEntry, Stored } from "../../inbox/event.ts";
import type { Begun, Committed, IngestItem, Outcome } from "../../inbox/redis-inbox.ts";
import type { LiveMessage } from "../../live/word.ts";
import type { Claim, GivenUp, OutboxEntry } from "../../outbox/delivery.ts";
import type { Mutation } from "../mutation.ts";
import type { DeadLetter } from "./store.ts";

const ATTEMPTS_MAX = 5;

/** Who writes, as every fenced script is told it. */
export interface Writer {
  readonly name: string;
  readonly incarnation: string;
  readonly epoch: number;
}

/**
 * One shard's data, and what lua/{ingest,begin,give-back,commit,claim,unclaim,settle}.lua do with them, in memory.
 * That it does the same is what store.contract.ts checks, and whole simulations that run on both.
 */
export class ShardModel {
  readonly inbox = new Map<string, InboxEntry>();
  readonly outbox = new Map<string, OutboxEntry & { message: string }>();
  readonly dead: DeadLetter[] = [];
  readonly histories = new Map<string, LiveMessage[]>();
  refusesAppends = false;
  readonly #attempts = new Map<string, number>();
  readonly #claims = new Map<string, number>();
  readonly #dedupe = new Map<string, number>();
  readonly #lease: () => Lease | undefined;
  readonly #nowMs: () => number;
  readonly #mutation: Mutation | null;
  /** Of both streams; ids only rise. */
  #lastId = 0;

  constructor(lease: () => Lease | undefined, nowMs: () => number, mutation: Mutation | null) {
    this.#lease = lease;
    this.#nowMs = nowMs;
    this.#mutation = mutation;
  }

  ingest({ event, dedupeTtlMs }: IngestItem, backlogMax: number): Stored {
    const key = JSON.stringify([event.channel, event.sessionKey, event.eventId]);
    const mark = () => this.#dedupe.set(key, this.#nowMs() + dedupeTtlMs);
    const seenUntilMs = this.#dedupe.get(key) ?? 0;
    const seen = dedupeTtlMs > 0 && this.#nowMs() < seenUntilMs;
    if (seen && this.#mutation !== "ingest-undeduped") return { outcome: "duplicate" };
    if (this.inbox.size >= backlogMax) return { outcome: "unavailable", code: "backlog-full" };
    if (this.#mutation === "marked-before-stored") mark();
    if (this.refusesAppends) return { outcome: "unavailable", code: "redis-unreachable" };
    const id = this.#nextId();
    this.inbox.set(id, { id, ...event });
    if (dedupeTtlMs > 0) mark();
    return { outcome: "accepted" };
  }

  begin(writer: Writer, entryId: string, suspectFrom = ATTEMPTS_MAX): Begun {
    if (!this.#holds(writer)) return "fenced";
    if (!this.inbox.has(entryId)) return "gone";
    const attempts = this.#attempts.get(entryId) ?? 0;
    if (attempts >= ATTEMPTS_MAX) return "exhausted";
    if (attempts >= suspectFrom) return "suspect";
    if (this.#mutation !== "attempts-uncounted") this.#attempts.set(entryId, attempts + 1);
    return "begun";
  }

  giveBack(entryId: string): void {
    const attempts = this.#attempts.get(entryId) ?? 0;
    if (attempts > 0) this.#attempts.set(entryId, attempts - 1);
  }

  commit(
    writer: Writer,
    entry: InboxEntry,
    { role, text, deadReason, outbox }: Outcome,
  ): Committed {
    if (this.#mutation !== "commit-unfenced" && !this.#holds(writer)) return "fenced";
    const found = this.inbox.get(entry.id);
    const same = found?.sessionKey === entry.sessionKey && found.eventId === entry.eventId;
    if (!same && this.#mutation !== "commit-finds-anything") return "gone";

    const history = this.histories.get(entry.sessionKey) ?? [];
    this.histories.set(entry.sessionKey, history);
    const last = history.at(-1);
    const [lastEpoch, lastN] = last === undefined ? [-1, 0] : idParts(last.eventId);
    const [epoch, n] = lastEpoch >= writer.epoch ? [lastEpoch, lastN] : [writer.epoch, 0];
    const userId = `${epoch}-${n + 1}`;
    const event = entry.eventId;
    const previous = last?.eventId ?? "";
    history.push(
      { eventId: userId, previous, role: "user", text: entry.text, event },
      { eventId: `${epoch}-${n + 2}`, previous: userId, role, text, event },
    );
    for (const message of outbox) {
      const id = this.#nextId();
      const { channel, sessionKey } = entry;
      this.outbox.set(id, { id, channel, sessionKey, message });
    }
    if (deadReason !== "") this.dead.push({ kind: "inbox", reason: deadReason, what: event });
    this.inbox.delete(entry.id);
    this.#attempts.delete(entry.id);
    return "committed";
  }

  readInbox(cursor: string, count: number): InboxEntry[] {
    const entries = after(this.inbox, cursor, count);
    return this.#mutation === "inbox-disordered" ? entries.reverse() : entries;
  }

  /** Id of the newest entry ever. */
  newestId(): string {
    return `${this.#nowMs()}-${this.#lastId}`;
  }

  readOutbox(cursor: string, count: number): OutboxEntry[] {
    return after(this.outbox, cursor, count).map(({ id, channel, sessionKey }) => ({
      id,
      channel,
      sessionKey,
    }));
  }

  claim(writer: Writer, ids: readonly string[]): Claim[] {
    if (!this.#holds(writer)) return ids.map(() => ({ kind: "fenced" }));
    return ids.map((id) => {
      const entry = this.outbox.get(id);
      if (entry === undefined) {
        this.#claims.delete(id);
        return { kind: "gone" };
      }
      const standing = this.#mutation === "claim-replaced" ? undefined : this.#claims.get(id);
      const epoch = standing ?? writer.epoch;
      this.#claims.set(id, epoch);
      return { kind: "claimed", epoch, message: entry.message };
    });
  }

  unclaim(epoch: number, id: string): void {
    if (this.#claims.get(id) === epoch) this.#claims.delete(id);
  }

  settle(id: string, givenUp: GivenUp | null): void {
    const entry = this.outbox.get(id);
    if (entry !== undefined && givenUp !== null) {
      this.dead.push({ kind: "outbox", reason: givenUp.reason, what: entry.message });
    }
    this.outbox.delete(id);
    this.#claims.delete(id);
  }

  #holds({ name, incarnation, epoch }: Writer): boolean {
    const lease = this.#lease();
    return lease?.holder === name && lease.incarnation === incarnation && lease.epoch === epoch;
  }

  #nextId(): string {
    return `${Math.floor(this.#nowMs())}-${++this.#lastId}`;
  }
}

/** Entries stand in the order of their ids, whose second part alone is compared: the model never counts it anew. */
function after<Entry>(stream: ReadonlyMap<string, Entry>, cursor: string, count: number): Entry[] {
  const [, seen] = idParts(cursor);
  const found: Entry[] = [];
  for (const [id, entry] of stream) {
    if (idParts(id)[1] > seen) found.push(entry);
    if (found.length === count) break;
  }
  return found;
}

function idParts(id: string): [number, number] {
  const dash = id.indexOf("-");
  return [Number(id.slice(0, dash)), Number(id.slice(dash + 1))];
}
