import type { Clock } from "@chela/shared/clock/clock";
import type { Outbound } from "../channel/channel.ts";
import { type Gate, Lanes } from "../session/lanes.ts";
import type { ShardGrant } from "../shard/shard-work.ts";
import type { OutboxEntry } from "./redis-outbox.ts";

const ENTRIES_PER_READ_MAX = 100;
const KNOWN_MAX = 500;
const RETRY_FIRST_MS = 500;
const RETRY_MAX_MS = 60_000;
/** Older than this, a reply helps nobody. */
const AGE_MAX_MS = 24 * 3_600_000;
const READ_RETRY_MS = 200;

type SendOutcome = "sent" | "given-up" | "retried";

export interface OutboxRunDeps {
  readonly clock: Clock;
  /** Redis' time, ms. */
  readonly redisNowMs: () => number;
  /** Sends at once, over all shards. */
  readonly gate: Gate;
  readonly outbound: (channel: string) => Outbound | null;
  readonly outbox: {
    read(shard: number, cursor: string, count: number): Promise<OutboxEntry[]>;
    settle(shard: number, id: string, reason: string): Promise<void>;
  };
  readonly onSend: (channel: string, outcome: SendOutcome, reason: string) => void;
}

/**
 * Sends one shard's replies while its lease lasts, in order per session. Only the holder writes into the
 * outbox, so nothing is polled: `look` is called at the start and after each commit that filled it.
 */
export class OutboxRun {
  readonly #deps: OutboxRunDeps;
  readonly #grant: ShardGrant;
  readonly #lanes: Lanes;
  readonly #ceding = new AbortController();
  readonly #aborted = new AbortController();
  #cursor = "0-0";
  #known = 0;
  #looking = false;
  #lookAgain = false;
  #sending = 0;
  #whenIdle: (() => void)[] = [];

  constructor(deps: OutboxRunDeps, grant: ShardGrant) {
    this.#deps = deps;
    this.#grant = grant;
    this.#lanes = new Lanes(deps.gate);
  }

  look(): void {
    this.#lookAgain = true;
    if (!this.#looking) void this.#read();
  }

  /** Begins no further send; resolves once none is on its way, so that none is sent twice. */
  cede(): Promise<void> {
    this.#lanes.close();
    this.#ceding.abort();
    if (this.#sending === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  abort(): void {
    void this.cede();
    this.#aborted.abort();
  }

  async #read(): Promise<void> {
    this.#looking = true;
    while (this.#lookAgain && this.#known < KNOWN_MAX && this.#working()) {
      this.#lookAgain = false;
      try {
        const entries = await this.#deps.outbox.read(
          this.#grant.shard,
          this.#cursor,
          ENTRIES_PER_READ_MAX,
        );
        for (const entry of entries) {
          this.#cursor = entry.id;
          this.#known += 1;
          this.#lanes.add(entry.sessionKey, () => this.#deliver(entry));
        }
        if (entries.length === ENTRIES_PER_READ_MAX) this.#lookAgain = true;
      } catch {
        this.#lookAgain = true;
        await this.#deps.clock.sleep(READ_RETRY_MS, this.#ceding.signal);
      }
    }
    this.#looking = false;
  }

  #working(): boolean {
    return !this.#ceding.signal.aborted && this.#grant.isValid();
  }

  async #deliver(entry: OutboxEntry): Promise<void> {
    for (let tries = 0; this.#working(); tries++) {
      const retryAfterMs = await this.#counted(() => this.#attempt(entry, tries));
      if (retryAfterMs === null) break;
      await this.#deps.clock.sleep(retryAfterMs, this.#ceding.signal);
    }
    this.#known -= 1;
    if (this.#lookAgain) this.look();
  }

  async #counted<T>(attempt: () => Promise<T>): Promise<T> {
    this.#sending += 1;
    try {
      return await attempt();
    } finally {
      this.#sending -= 1;
      if (this.#sending === 0) for (const idle of this.#whenIdle.splice(0)) idle();
    }
  }

  /** Null: over; else how long to wait before the next try. */
  async #attempt(entry: OutboxEntry, tries: number): Promise<number | null> {
    const outbound = this.#deps.outbound(entry.channel);
    if (outbound === null) return this.#settle(entry, "the channel is not configured any more");
    const sent = await outbound.send(entry.message, this.#aborted.signal);
    switch (sent.kind) {
      case "sent":
        return this.#settle(entry, "");
      case "refused":
        return this.#settle(entry, sent.reason);
      case "later": {
        const ageMs = this.#deps.redisNowMs() - Number(entry.id.split("-")[0]);
        if (ageMs > AGE_MAX_MS) return this.#settle(entry, sent.reason);
        this.#deps.onSend(entry.channel, "retried", sent.reason);
        const backoffMs = Math.min(RETRY_FIRST_MS * 2 ** Math.min(tries, 10), RETRY_MAX_MS);
        return sent.retryAfterMs ?? backoffMs;
      }
    }
  }

  /** Until Redis has noted it, this session sends nothing further: the note is what keeps a reply from being sent again. */
  async #settle(entry: OutboxEntry, reason: string): Promise<null> {
    this.#deps.onSend(entry.channel, reason === "" ? "sent" : "given-up", reason);
    while (!this.#aborted.signal.aborted) {
      try {
        await this.#deps.outbox.settle(this.#grant.shard, entry.id, reason);
        return null;
      } catch {
        await this.#deps.clock.sleep(READ_RETRY_MS, this.#aborted.signal);
      }
    }
    return null;
  }
}
