import { fleetKeys, shardKeys } from "@chela/shared/keys/keys";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { startRedis, type TestRedis } from "../../../../e2e/harness/redis-server.ts";
import { RedisLeaseRelease } from "./redis-lease-release.ts";

const target = { keyPrefix: "openclaw:", fleet: "chela", shards: 4 };
const keys = fleetKeys(target.keyPrefix, target.fleet);
const leaseOf = (shard: number) => shardKeys(target.keyPrefix, target.fleet, shard).lease;
let server: TestRedis;
let redis: Redis;
let release: RedisLeaseRelease;

const lease = (holder: string, incarnation: string) => ({
  ...{ holder, incarnation, epoch: 7, beat: 3, generation: 1 },
});

beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
});
beforeEach(async () => {
  await redis.flushall();
  release = new RedisLeaseRelease({ ...target, redisUrl: server.url }, () => {});
});
afterEach(() => release.close());
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

const released = async (gateway: string, incarnation: string): Promise<number> => {
  for (;;) {
    try {
      return await release.release(gateway, incarnation);
    } catch (error) {
      // Still connecting: nothing is queued, so that a late release cannot happen by surprise.
      if (!/writeable|enableOfflineQueue/.test(String(error))) throw error;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
};

test("exactly the leases of the incarnation that died are released; epochs stay", async () => {
  await redis.hset(leaseOf(0), lease("gw-1", "old"));
  await redis.hset(leaseOf(1), lease("gw-1", "new"));
  await redis.hset(leaseOf(2), lease("gw-2", "old"));
  const epoch = shardKeys(target.keyPrefix, target.fleet, 0).epoch;
  await redis.set(epoch, "7");
  await redis.hset(keys.members, { "gw-1/old": "{}", "gw-1/new": "{}", "gw-2/old": "{}" });

  expect(await released("gw-1", "old")).toBe(1);
  const left = await Promise.all([0, 1, 2, 3].map((shard) => redis.exists(leaseOf(shard))));
  expect(left).toEqual([0, 1, 1, 0]);
  expect(await redis.get(epoch)).toBe("7");
  expect((await redis.hkeys(keys.members)).toSorted()).toEqual(["gw-1/new", "gw-2/old"]);
  expect(await released("gw-1", "old")).toBe(0);
});

test("while automatic failover is paused nothing is released early", async () => {
  await redis.hset(leaseOf(0), lease("gw-1", "old"));
  await redis.hset(keys.members, { "gw-1/old": "{}" });
  await redis.hset(keys.control, { paused: "1" });
  expect(await released("gw-1", "old")).toBe(0);
  expect(await redis.exists(leaseOf(0), keys.members)).toBe(2);
  await redis.hset(keys.control, { paused: "0" });
  expect(await released("gw-1", "old")).toBe(1);
});

test("wakes once, after everything else, also when nothing was held", async () => {
  const listener = new Redis(server.url);
  const heard: string[] = [];
  const woken = new Promise<number>((resolve) => {
    listener.on("message", async (_channel, message) => {
      heard.push(message);
      resolve(await redis.exists(leaseOf(3)));
    });
  });
  await listener.subscribe(keys.wake);
  await redis.hset(leaseOf(3), lease("gw-1", "old"));
  await released("gw-1", "old");
  expect(await woken).toBe(0);
  expect(heard).toEqual(["released"]);
  listener.disconnect();
});
