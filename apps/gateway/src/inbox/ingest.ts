import { shardOf } from "@chela/shared/shard/shard-of";
import { type AfterTurn, Batcher } from "./batcher.ts";
import type { InboundEvent, Stored } from "./event.ts";
import type { IngestItem } from "./redis-inbox.ts";

const ITEMS_PER_CALL_MAX = 64;
/** Events that may wait for Redis at once; with texts of 64 KiB this bounds memory too. */
const PENDING_MAX = 2_048;

export interface IngestDeps {
  /** One script call; throws when Redis gives no answer. */
  readonly store: (items: IngestItem[]) => Promise<Stored[]>;
  /** Holds the request briefly while Redis is away; false: still away. */
  readonly redisReady: () => Promise<boolean>;
  /** The fleet's number of shards; null while its control record is unknown. */
  readonly shards: () => number | null;
  readonly dedupeTtlMs: (channel: string) => number;
  readonly onDuplicate: (event: InboundEvent) => void;
  readonly afterTurn?: AfterTurn;
}

/** From a verified event to an answer that may be given: stored, seen before, or not storable now. Never throws. */
export class Ingest {
  readonly #deps: IngestDeps;
  readonly #batcher: Batcher<IngestItem, Stored>;
  #pending = 0;

  constructor(deps: IngestDeps) {
    this.#deps = deps;
    this.#batcher = new Batcher((items) => deps.store(items), ITEMS_PER_CALL_MAX, deps.afterTurn);
  }

  async store(event: InboundEvent): Promise<Stored> {
    if (this.#pending >= PENDING_MAX) return { outcome: "unavailable", code: "backlog-full" };
    this.#pending += 1;
    try {
      return await this.#store(event);
    } finally {
      this.#pending -= 1;
    }
  }

  async #store(event: InboundEvent): Promise<Stored> {
    if (!(await this.#deps.redisReady())) {
      return { outcome: "unavailable", code: "redis-unreachable" };
    }
    const shards = this.#deps.shards();
    if (shards === null) return { outcome: "unavailable", code: "fleet-unknown" };
    const item: IngestItem = {
      event,
      shard: shardOf(event.sessionKey, shards),
      dedupeTtlMs: this.#deps.dedupeTtlMs(event.channel),
    };
    try {
      const stored = await this.#batcher.add(item);
      if (stored.outcome === "duplicate") this.#deps.onDuplicate(event);
      return stored;
    } catch {
      // Stored or not, nobody knows: refused, so that the provider repeats it; the dedupe key sorts it out.
      return { outcome: "unavailable", code: "redis-unreachable" };
    }
  }
}
