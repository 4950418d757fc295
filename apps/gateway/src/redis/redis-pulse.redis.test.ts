import { systemClock } from "@chela/shared/clock/system-clock";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startRedis, type TestRedis } from "../../../../e2e/harness/redis-server.ts";
import { until } from "../../../../e2e/harness/wait.ts";
import { RedisPulse } from "./redis-pulse.ts";
import { RedisWarnings } from "./redis-warnings.ts";

let server: TestRedis;
const connections: Redis[] = [];
const made = () => {
  const redis = new Redis(server.url, { protocol: 2, retryStrategy: () => 50 });
  redis.on("error", () => {});
  connections.push(redis);
  return redis;
};

beforeAll(async () => {
  server = await startRedis();
});
afterAll(async () => {
  for (const connection of connections) connection.disconnect();
  await server.stop();
});

test("a subscriber whose Redis hangs is found out and replaced, and then hears again", async () => {
  const subscriber = made();
  const heard: string[] = [];
  subscriber.on("message", (_channel, text) => heard.push(text));
  await subscriber.subscribe("news");
  const pulse = new RedisPulse(subscriber, systemClock);
  pulse.start();
  await until("a pulse", () => pulse.trouble() === null);
  server.pause();
  try {
    await until("trouble", () => pulse.trouble() !== null);
    await until("a connection given up", () => subscriber.status !== "ready");
  } finally {
    server.resume();
  }
  await until("a pulse again", () => pulse.trouble() === null);
  const teller = made();
  await until("news", async () => {
    await teller.publish("news", "n");
    return heard.length > 0;
  });
  pulse.stop();
});

test("what Redis' settings take away is warned of once, looked at anew with each connection, and taken back", async () => {
  const [redis, operator] = [made(), made()];
  const told: string[] = [];
  const warnings = new RedisWarnings(redis, "replica", systemClock, (warning) =>
    told.push(warning.split(":")[0]!),
  );
  warnings.start();
  await until("the first warning", () => warnings.list().length === 1);
  await operator.config("SET", "maxmemory-policy", "allkeys-lru");
  redis.disconnect(true);
  await until("both", () => warnings.list().length === 2);
  await operator.config("SET", "maxmemory-policy", "noeviction");
  await operator.config("SET", "min-replicas-to-write", "1");
  redis.disconnect(true);
  await until("none", () => warnings.list().length === 0);
  expect(told).toEqual(["redis-accepts-alone", "redis-evicts"]);
  warnings.stop();
});
