import { type AfterTurn, Batcher } from "../inbox/batcher.ts";
import { Gate, Lanes } from "../session/lanes.ts";
import type { ShardGrant } from "../shard/shard-work.ts";
import {
  type Claim,
  Delivery,
  type DeliveryDeps,
  type GivenUp,
  type OutboxEntry,
  type Sender,
} from "./delivery.ts";

const ENTRIES_PER_READ_MAX = 100;
/** Entries of one shard listed in memory at most, without their messages. Beyond it a stuck session can hold up others. */
const KNOWN_MAX = 20_000;
const CLAIMS_PER_CALL_MAX = 64;
const READ_RETRY_MS = 200;
/** What an operator put back is heard of by a hint; hints get lost. */
const LOOK_EVERY_MS = 10_000;

export interface OutboxRunDeps extends DeliveryDeps {
  /** Attempts at once, over all shards. */
  readonly gate: Gate;
  readonly afterTurn?: AfterTurn;
  readonly outbox: {
    read(shard: number, cursor: string, count: number): Promise<OutboxEntry[]>;
    claim(holder: ShardGrant, ids: readonly string[]): Promise<Claim[]>;
    unclaim(holder: ShardGrant, id: string): Promise<void>;
    settle(shard: number, id: string, givenUp: GivenUp | null): Promise<void>;
  };
}

/**
 * Sends one shard's replies while its lease lasts, in order per session; a session that waits for its next attempt
 * holds up nobody else. The holder itself says when it wrote into the outbox (`look`); the slow look is for what
 * an operator put back.
 */
export class OutboxRun {
  readonly #deps: OutboxRunDeps;
  readonly #grant: ShardGrant;
  readonly #sender: Sender;
  /** For the order only: the bound is on attempts, so that waiting for the next one takes up no place. */
  readonly #lanes = new Lanes(new Gate(Number.POSITIVE_INFINITY));
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
    const { outbox } = deps;
    const claims = new Batcher<string, Claim>(
      (ids) => outbox.claim(grant, ids),
      CLAIMS_PER_CALL_MAX,
      deps.afterTurn,
    );
    this.#sender = {
      epoch: grant.epoch,
      claim: (id) => claims.add(id),
      unclaim: (id) => outbox.unclaim(grant, id),
      settle: (id, givenUp) => outbox.settle(grant.shard, id, givenUp),
      maySend: () => this.#working(),
      lost: () => this.abort(),
      signal: this.#aborted.signal,
    };
  }

  async start(): Promise<void> {
    const { signal } = this.#ceding;
    while (!signal.aborted) {
      this.look();
      await this.#deps.clock.sleep(LOOK_EVERY_MS, signal);
    }
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
    const delivery = new Delivery(this.#deps, this.#sender, entry);
    for (;;) {
      const waitMs = await this.#admitted(() => delivery.attempt());
      if (waitMs === null) break;
      await this.#deps.clock.sleep(waitMs, this.#ceding.signal);
    }
    this.#known -= 1;
    if (this.#lookAgain) this.look();
  }

  /** One attempt when there is a place for it; null where none may begin any more. */
  async #admitted(attempt: () => Promise<number | null>): Promise<number | null> {
    await this.#deps.gate.enter();
    if (!this.#working()) {
      this.#deps.gate.leave();
      return null;
    }
    this.#sending += 1;
    try {
      return await attempt();
    } finally {
      this.#deps.gate.leave();
      this.#sending -= 1;
      if (this.#sending === 0) for (const idle of this.#whenIdle.splice(0)) idle();
    }
  }
}
