import { DEFAULT_KEY_PREFIX, fleetKeys } from "@chela/shared/keys/keys";
import type { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startRedis, type TestRedis } from "../../../../e2e/harness/redis-server.ts";
import { connectRedis } from "../fleet/redis-connection.ts";
import { RedisDuplicates } from "./redis-duplicates.ts";

const QUARTER_MS = 15 * 60_000;
const HOUR_MS = 4 * QUARTER_MS;
const NOW = 2_000_000 * QUARTER_MS + 60_000;
const place = { keyPrefix: DEFAULT_KEY_PREFIX, fleet: "f" };
let server: TestRedis;
let redis: Redis;

beforeAll(async () => {
  server = await startRedis();
  redis = connectRedis(server.url, "test");
  await new Promise<void>((resolve) => redis.once("ready", () => resolve()));
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

const name = (eventId: string) => JSON.stringify(["generic", "generic:a", eventId]);
const event = (eventId: string, count: number) => ({
  ...{ channel: "generic", session: "generic:a", eventId, count },
});

test("the most frequent events of a window, summed over its quarters of an hour, and from when they count", async () => {
  const { duplicates } = fleetKeys(place.keyPrefix, place.fleet);
  await redis.zadd(duplicates(2_000_000), 3, name("a"), 1, name("b"));
  await redis.zadd(duplicates(1_999_999), 1, name("a"), 5, name("b"));
  await redis.zadd(duplicates(1_999_990), 100, name("c"));
  await redis.zadd(duplicates(1_999_800), 100, name("too old to be kept"));
  const top = new RedisDuplicates(redis, place);
  expect(await top.top(NOW - QUARTER_MS, NOW)).toEqual({
    events: [event("b", 6), event("a", 4)],
    sinceMs: 1_999_999 * QUARTER_MS,
  });
  expect(await top.top(NOW - 24 * HOUR_MS, NOW)).toEqual({
    events: [event("c", 100), event("b", 6), event("a", 4)],
    sinceMs: (2_000_000 - 96) * QUARTER_MS,
  });
  expect(await top.top(NOW - 30 * 24 * HOUR_MS, NOW)).toEqual(
    await top.top(NOW - 24 * HOUR_MS, NOW),
  );
});
