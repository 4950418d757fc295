import type { Page, SessionDetail, SessionMessage, SessionSummary } from "@chela/shared/fleet/view";
import { shardKeys } from "@chela/shared/keys/keys";
import type { Redis } from "ioredis";
import type { FleetPlace } from "../fleet/redis-control.ts";

const PAGE_DEFAULT = 50;
/** Sessions looked at for one page at most; a filter that matches rarely gives a short page and a cursor. */
const LOOKED_AT_MAX = 2_000;

export interface SessionFilter {
  query?: string | undefined;
  channel?: string | undefined;
  gateway?: string | undefined;
  cursor?: string | undefined;
  limit?: number | undefined;
}

interface Found {
  session: string;
  shard: number;
  expiresAtMs: number;
}

/** Reads sessions as the gateways wrote them. Newest first: the one that was used last expires last. */
export class RedisSessions {
  readonly #redis: Redis;
  readonly #place: FleetPlace;
  readonly #shards: number;
  readonly #shardOf: (session: string) => number;

  constructor(
    redis: Redis,
    place: FleetPlace,
    shards: number,
    shardOf: (session: string, shards: number) => number,
  ) {
    this.#redis = redis;
    this.#place = place;
    this.#shards = shards;
    this.#shardOf = (session) => shardOf(session, shards);
  }

  async list(filter: SessionFilter, nowMs: number): Promise<Page<SessionSummary>> {
    const limit = filter.limit ?? PAGE_DEFAULT;
    const items: SessionSummary[] = [];
    let cursor = parseCursor(filter.cursor);
    for (let lookedAt = 0; lookedAt < LOOKED_AT_MAX; ) {
      const found = await this.#next(cursor, limit, nowMs);
      lookedAt += found.length;
      for (const [index, summary] of (await this.#summaries(found)).entries()) {
        cursor = found[index]!;
        if (summary !== null && matches(summary, filter)) items.push(summary);
        if (items.length === limit) return { items, nextCursor: formatCursor(cursor) };
      }
      if (found.length < limit) return { items, nextCursor: null };
    }
    return { items, nextCursor: cursor === null ? null : formatCursor(cursor) };
  }

  async get(session: string): Promise<SessionDetail> {
    const shard = this.#shardOf(session);
    const { history } = this.#keys(shard);
    const entries = await this.#redis.xrange(history(session), "-", "+");
    return { session, shard, messages: entries.map(messageOf) };
  }

  /** The next `limit` sessions after the cursor over all shards: expiring last first, then by name. */
  async #next(after: Found | null, limit: number, nowMs: number): Promise<Found[]> {
    const pipeline = this.#redis.pipeline();
    for (let shard = 0; shard < this.#shards; shard++) {
      pipeline.zrevrangebyscore(
        this.#keys(shard).sessions,
        after?.expiresAtMs ?? "+inf",
        nowMs,
        "WITHSCORES",
        "LIMIT",
        0,
        // Those that expire in the same millisecond as the cursor come again and are dropped below.
        limit + 1,
      );
    }
    const answers = (await pipeline.exec()) ?? [];
    return answers
      .flatMap(([error, answer], shard) => {
        if (error) throw error;
        return pairs(answer as string[]).map(([session, score]) => ({
          session,
          shard,
          expiresAtMs: Number(score),
        }));
      })
      .filter((found) => after === null || order(after, found) < 0)
      .sort(order)
      .slice(0, limit);
  }

  async #summaries(found: Found[]): Promise<(SessionSummary | null)[]> {
    const pipeline = this.#redis.pipeline();
    for (const { session, shard } of found) pipeline.hgetall(this.#keys(shard).session(session));
    const answers = (await pipeline.exec()) ?? [];
    return answers.map(([error, answer], index) => {
      if (error) throw error;
      const record = answer as Record<string, string>;
      const { session, shard, expiresAtMs } = found[index]!;
      if (record["lastAt"] === undefined) return null;
      return {
        session,
        shard,
        channel: record["channel"] ?? session.split(":")[0]!,
        gateway: record["gateway"] ?? "",
        epoch: Number(record["epoch"] ?? 0),
        messages: Number(record["messages"] ?? 0),
        createdAt: iso(record["createdAt"] ?? record["lastAt"]),
        lastAt: iso(record["lastAt"]),
        expiresAt: iso(expiresAtMs),
      };
    });
  }

  #keys(shard: number) {
    return shardKeys(this.#place.keyPrefix, this.#place.fleet, shard);
  }
}

function matches(summary: SessionSummary, { query, channel, gateway }: SessionFilter): boolean {
  return (
    (query === undefined || summary.session.toLowerCase().includes(query.toLowerCase())) &&
    (channel === undefined || summary.channel === channel) &&
    (gateway === undefined || summary.gateway === gateway)
  );
}

function messageOf([eventId, fields]: [string, string[]]): SessionMessage {
  const record = Object.fromEntries(pairs(fields));
  return {
    eventId,
    role: record["role"] as SessionMessage["role"],
    text: record["text"] ?? "",
    gateway: record["gateway"] ?? "",
    epoch: Number(eventId.split("-")[0]),
    at: iso(record["at"] ?? 0),
  };
}

const iso = (ms: string | number) => new Date(Number(ms)).toISOString();
const order = (a: Found, b: Found) =>
  b.expiresAtMs - a.expiresAtMs || (a.session < b.session ? -1 : a.session > b.session ? 1 : 0);

function pairs(flat: string[]): [string, string][] {
  return Array.from({ length: flat.length / 2 }, (_, index) => [
    flat[index * 2]!,
    flat[index * 2 + 1]!,
  ]);
}

const formatCursor = ({ expiresAtMs, session }: Found) => `${expiresAtMs}:${session}`;
function parseCursor(cursor: string | undefined): Found | null {
  const match = /^(\d+(?:\.\d+)?):(.+)$/s.exec(cursor ?? "");
  return match && { expiresAtMs: Number(match[1]), session: match[2]!, shard: -1 };
}
