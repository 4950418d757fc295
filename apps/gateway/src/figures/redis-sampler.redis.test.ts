import { systemClock } from "@chela/shared/clock/system-clock";
import { fleetKeys, shardKeys } from "@chela/shared/keys/keys";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { startRedis, type TestRedis } from "../../../../e2e/harness/redis-server.ts";
import { until } from "../../../../e2e/harness/wait.ts";
import { GatewayProcess, settingsFor, writeControl } from "../testing/gateway-process.ts";
import { RedisSampler } from "./redis-sampler.ts";

const HOUR_MS = 3_600_000;
let server: TestRedis;
let redis: Redis;
let fleet = "";
let runs = 0;
let sampler: RedisSampler;

beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
beforeEach(() => {
  fleet = `fleet-${++runs}`;
  sampler = new RedisSampler({
    redis,
    prefix: "openclaw:",
    fleet,
    clock: systemClock,
    redisNowMs: () => Date.now(),
    shards: () => 4,
    held: () => [{ shard: 1 }, { shard: 2 }],
  });
});
afterEach(() => sampler.stop());

const keys = (shard: number) => shardKeys("openclaw:", fleet, shard);
const event = (eventId: string) => ({ channel: "generic", sessionKey: "generic:a", eventId });

/** All minutes' counts, and all quarters' duplicates, of the fleet: a test may pass over a boundary. */
async function written() {
  const [minute, quarter] = [60_000, 15 * 60_000].map((ms) => Math.floor(Date.now() / ms));
  const { counts, duplicates } = fleetKeys("openclaw:", fleet);
  const sum = new Map<string, number>();
  const add = (name: string, count: number) => sum.set(name, (sum.get(name) ?? 0) + count);
  for (const hash of await Promise.all([
    redis.hgetall(counts(minute! - 1)),
    redis.hgetall(counts(minute!)),
  ])) {
    for (const [name, count] of Object.entries(hash)) add(name, Number(count));
  }
  const names: string[] = [];
  for (const key of [duplicates(quarter! - 1), duplicates(quarter!)]) {
    const pairs = await redis.zrange(key, "0", "-1", "WITHSCORES");
    for (let i = 0; i < pairs.length; i += 2) {
      const eventId = JSON.parse(pairs[i]!)[2] as string;
      names.push(eventId);
      add(eventId, Number(pairs[i + 1]));
    }
    if (pairs.length > 0) expect(await redis.ttl(key)).toBeGreaterThan(24 * 3_600);
  }
  return { sum, names };
}

test("live sessions are counted, ended ones leave the set without any commit, those of others stay", async () => {
  const now = Date.now();
  const batch = redis.pipeline();
  for (let n = 0; n < 500; n++) batch.zadd(keys(1).sessions, now - HOUR_MS + n, `ended-${n}`);
  for (let n = 0; n < 7; n++) batch.zadd(keys(2).sessions, now + HOUR_MS, `live-${n}`);
  batch.zadd(keys(1).sessions, now + HOUR_MS, "live");
  batch.zadd(keys(3).sessions, now - HOUR_MS, "not ours");
  await batch.exec();
  sampler.start();
  await until("a first sample", () => sampler.sessions() === 8);
  // A few at a time, so that a million that end at once hold nobody up.
  expect(await redis.zcard(keys(1).sessions)).toBeGreaterThan(1);
  await until("a clean set", async () => (await redis.zcard(keys(1).sessions)) === 1);
  expect(sampler.sessions()).toBe(8);
  expect(await redis.zcard(keys(2).sessions)).toBe(7);
  expect(await redis.zcard(keys(3).sessions)).toBe(1);
});

test("backlog and dead letters are those of the held shards", async () => {
  await redis.xadd(keys(0).dead, "*", "kind", "inbox");
  await redis.xadd(keys(1).dead, "*", "kind", "inbox");
  await redis.xadd(keys(2).dead, "*", "kind", "outbox");
  await redis.xadd(keys(2).inbox, "*", "event", "e");
  await redis.xadd(keys(3).inbox, "*", "event", "e");
  sampler.start();
  await until("a sample", () => sampler.deadLetters() === 2);
  expect(sampler.backlog()).toBe(1);
});

test("duplicated events are told once a second, the most frequent ones, and what is kept stays small", async () => {
  sampler.start();
  for (let round = 0; round < 8; round++) {
    for (let n = 0; n < 2_000; n++) sampler.duplicate(event(`flood-${round}-${n}`));
    for (let n = 0; n < 50; n++) sampler.duplicate(event("often"));
    // Told, round by round.
    await until(
      "the round told",
      async () => ((await written()).sum.get("often") ?? 0) > round * 40,
    );
  }
  const { sum, names } = await written();
  expect(names.length).toBeLessThanOrEqual(500);
  expect(Math.max(...sum.values())).toBe(sum.get("often"));
  expect(sum.get("often")).toBeLessThanOrEqual(8 * 50);
});

test("nothing counted is lost when Redis refuses for a while, nor when sampling ends in the middle of a write", async () => {
  await redis.config("SET", "maxmemory", "1mb");
  sampler.count("generic", "accepted");
  sampler.duplicate(event("e"));
  sampler.start();
  await until("a refused write", async () =>
    (await redis.info("errorstats")).includes("errorstat_OOM"),
  );
  await redis.config("SET", "maxmemory", "0");
  sampler.count("generic", "accepted");
  await sampler.stop();
  const { sum } = await written();
  expect(sum.get("generic:accepted")).toBe(2);
  expect(sum.get("e")).toBe(1);
});

test("a gateway told to end writes its last second's counts before it goes", async () => {
  await writeControl(redis, fleet, "gw-1");
  const gateway = await GatewayProcess.start("gw-1", fleet, settingsFor(server.port));
  try {
    await until("an active gateway", async () => (await gateway.status()).shards.length === 16);
    for (let n = 0; n < 5; n++) await gateway.send("e", "alice", "hi");
    gateway.process.kill("SIGTERM");
    await gateway.send("late", "alice", "hi").catch(() => {});
    expect(await gateway.exit()).toBe(0);
    const { sum } = await written();
    expect(sum.get("generic:accepted")).toBeGreaterThanOrEqual(1);
    expect(sum.get("generic:duplicate")).toBe(4);
    expect(sum.get("e")).toBe(4);
  } finally {
    await gateway.end();
  }
});
