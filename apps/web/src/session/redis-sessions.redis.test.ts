import { DEFAULT_KEY_PREFIX, shardKeys } from "@chela/shared/keys/keys";
import { shardOf } from "@chela/shared/shard/shard-of";
import type { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startRedis, type TestRedis } from "../../../../e2e/harness/redis-server.ts";
import { connectRedis } from "../fleet/redis-connection.ts";
import { RedisSessions } from "./redis-sessions.ts";

const SHARDS = 4;
const SESSIONS = 25;
const NOW = Date.now();
const place = { keyPrefix: DEFAULT_KEY_PREFIX, fleet: "f" };
let server: TestRedis;
let redis: Redis;
let sessions: RedisSessions;

beforeAll(async () => {
  server = await startRedis();
  redis = connectRedis(server.url, "test");
  await new Promise<void>((resolve) => redis.once("ready", () => resolve()));
  sessions = new RedisSessions(redis, place, SHARDS, shardOf);
  for (let index = 0; index < SESSIONS; index++) {
    const session = `generic:user-${index}`;
    const keys = shardKeys(place.keyPrefix, place.fleet, shardOf(session, SHARDS));
    // Several expire in the same millisecond: the cursor must not lose or repeat one.
    await redis.zadd(keys.sessions, NOW + 60_000 + Math.floor(index / 4), session);
    await redis.hset(keys.session(session), {
      channel: "generic",
      createdAt: NOW - 1_000,
      lastAt: NOW,
      messages: 2,
      gateway: index % 2 ? "gw-1" : "gw-2",
      epoch: 3,
    });
  }
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

describe("the list of sessions", () => {
  it("pages through every session once, latest first", async () => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await sessions.list({ limit: 4, ...(cursor !== null && { cursor }) }, NOW);
      seen.push(...page.items.map(({ session }) => session));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen).toHaveLength(SESSIONS);
    expect(new Set(seen).size).toBe(SESSIONS);
    expect(seen[0]).toBe("generic:user-24");
  });

  it("finds by part of the key and by gateway", async () => {
    const named = await sessions.list({ query: "USER-24" }, NOW);
    expect(named.items.map(({ session }) => session)).toEqual(["generic:user-24"]);
    const ofOne = await sessions.list({ gateway: "gw-1", limit: 100 }, NOW);
    expect(ofOne.items).toHaveLength(12);
    expect((await sessions.list({ channel: "slack" }, NOW)).items).toEqual([]);
  });
});

describe("a session", () => {
  it("answers every stored message, oldest first, with epoch and holder", async () => {
    const session = "generic:alice";
    const shard = shardOf(session, SHARDS);
    const { history } = shardKeys(place.keyPrefix, place.fleet, shard);
    await redis.xadd(
      history(session),
      "3-1",
      "role",
      "user",
      "text",
      "hi",
      "gateway",
      "gw-1",
      "at",
      NOW,
      "previous",
      "",
    );
    await redis.xadd(
      history(session),
      "3-2",
      "role",
      "assistant",
      "text",
      "echo: hi",
      "gateway",
      "gw-1",
      "at",
      NOW,
      "previous",
      "3-1",
    );
    expect(await sessions.get(session)).toEqual({
      session,
      shard,
      messages: [
        {
          eventId: "3-1",
          role: "user",
          text: "hi",
          gateway: "gw-1",
          epoch: 3,
          at: new Date(NOW).toISOString(),
        },
        {
          eventId: "3-2",
          role: "assistant",
          text: "echo: hi",
          gateway: "gw-1",
          epoch: 3,
          at: new Date(NOW).toISOString(),
        },
      ],
    });
  });

  it("that nothing was committed in is empty, not an error", async () => {
    expect((await sessions.get("generic:nobody")).messages).toEqual([]);
  });
});
