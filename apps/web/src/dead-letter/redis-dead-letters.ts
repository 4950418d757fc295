import { readFileSync } from "node:fs";
import type { DeadLetter, DeadLetterPage } from "@chela/shared/fleet/view";
import { fleetKeys, OUTBOX_WORD, shardKeys } from "@chela/shared/keys/keys";
import type { Redis } from "ioredis";
import type { FleetPlace } from "../fleet/redis-control.ts";
import type { Redriven } from "../server/console.ts";

const PAGE_DEFAULT = 50;
const PREVIEW_BYTES = 500;

const script = (name: string) => readFileSync(new URL(`lua/${name}.lua`, import.meta.url), "utf8");
const SCRIPTS = {
  list: script("list"),
  redrive: script("redrive"),
  discard: script("discard"),
};

/** Where one dead letter stands. */
export interface DeadLetterPlace {
  shard: number;
  id: string;
}

/** What the gateways gave up, over all shards: the only thing beside fleet/redis-control.ts that the console writes. */
export class RedisDeadLetters {
  readonly #redis: Redis;
  readonly #place: FleetPlace;
  readonly #shards: number;

  constructor(redis: Redis, place: FleetPlace, shards: number) {
    this.#redis = redis;
    this.#place = place;
    this.#shards = shards;
  }

  /** Newest first. */
  async list(page: {
    cursor?: string | undefined;
    limit?: number | undefined;
  }): Promise<DeadLetterPage> {
    const limit = page.limit ?? PAGE_DEFAULT;
    const after = parseCursor(page.cursor);
    const read = await Promise.all(
      Array.from({ length: this.#shards }, async (_, shard) => {
        const [total, entries] = (await this.#redis.eval(
          SCRIPTS.list,
          1,
          this.#keys(shard).dead,
          after?.id ?? "+",
          // The cursor's own comes again and is dropped below.
          limit + 1,
          PREVIEW_BYTES,
        )) as [number, [string, string[]][]];
        return { total, letters: entries.map(([id, fields]) => letterOf(shard, id, fields)) };
      }),
    );
    const items = read
      .flatMap(({ letters }) => letters)
      .filter((letter) => after === null || order(after, letter) < 0)
      .sort(order);
    const last = items[limit - 1];
    return {
      items: items.slice(0, limit),
      nextCursor: items.length > limit && last ? `${last.id}:${last.shard}` : null,
      total: read.reduce((sum, { total }) => sum + total, 0),
    };
  }

  /** Null: it does not stand there (any more), e.g. because somebody else put it back. */
  async redrive({ shard, id }: DeadLetterPlace): Promise<Redriven | null> {
    if (shard >= this.#shards) return null;
    const { dead, inbox, outbox } = this.#keys(shard);
    const { keyPrefix, fleet } = this.#place;
    const [kind, session, entryId] = (await this.#redis.eval(
      SCRIPTS.redrive,
      3,
      dead,
      inbox,
      outbox,
      id,
      fleetKeys(keyPrefix, fleet).wake,
      OUTBOX_WORD,
    )) as [DeadLetter["kind"] | "gone", string, string];
    return kind === "gone" ? null : { kind, session, entryId };
  }

  /** False: it does not stand there (any more). */
  async discard({ shard, id }: DeadLetterPlace): Promise<boolean> {
    if (shard >= this.#shards) return false;
    return (await this.#redis.eval(SCRIPTS.discard, 1, this.#keys(shard).dead, id)) === 1;
  }

  #keys(shard: number) {
    return shardKeys(this.#place.keyPrefix, this.#place.fleet, shard);
  }
}

function letterOf(shard: number, id: string, fields: string[]): DeadLetter {
  const at: Record<string, string> = {};
  for (let i = 0; i + 1 < fields.length; i += 2) at[fields[i]!] = fields[i + 1]!;
  const kind = at["kind"] === "inbox" ? "inbox" : "outbox";
  return {
    id,
    shard,
    kind,
    reason: at["reason"] ?? "",
    detail: at["detail"] ?? null,
    channel: at["channel"] ?? "",
    session: at["session"] ?? "",
    eventId: at["event"] ?? null,
    // Cut by bytes: half a character at the end is left out.
    preview: (at[kind === "inbox" ? "text" : "message"] ?? "").replace(/\uFFFD+$/, ""),
    at: new Date(Number(id.split("-")[0])).toISOString(),
  };
}

function order(a: DeadLetterPlace, b: DeadLetterPlace): number {
  const [aMs, aSequence] = a.id.split("-").map(Number) as [number, number];
  const [bMs, bSequence] = b.id.split("-").map(Number) as [number, number];
  return bMs - aMs || bSequence - aSequence || a.shard - b.shard;
}

function parseCursor(cursor: string | undefined): DeadLetterPlace | null {
  const match = /^(\d{1,15}-\d{1,15}):(\d{1,4})$/.exec(cursor ?? "");
  return match && { id: match[1]!, shard: Number(match[2]) };
}
