import { systemClock } from "@chela/shared/clock/system-clock";
import { fleetKeys, shardKeys } from "@chela/shared/keys/keys";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startRedis, type TestRedis } from "../../../../e2e/harness/redis-server.ts";
import { LeaseGateway, watchHolders } from "../testing/lease-gateway.ts";

const SHARDS = 16;
const PREFIX = "openclaw:";
let server: TestRedis;
let redis: Redis;
let fleet = "";
let runs = 0;
const gateways: LeaseGateway[] = [];

beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
  redis.on("error", () => {});
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
beforeEach(async () => {
  fleet = `fleet-${++runs}`;
  await writeControl(["gw-1"], 1);
  // A fleet that has run before: in a new one, everybody first waits a TTL.
  for (let shard = 0; shard < SHARDS; shard++) await redis.set(keysOf(shard).epoch, 0);
});
afterEach(async () => {
  for (const gateway of gateways.splice(0)) await gateway.end();
});

const keys = () => fleetKeys(PREFIX, fleet);
const keysOf = (shard: number) => shardKeys(PREFIX, fleet, shard);
const leases = () =>
  Promise.all(Array.from({ length: SHARDS }, (_, s) => redis.hgetall(keysOf(s).lease)));

async function writeControl(preferred: string[], generation: number) {
  const record = { layout: 1, shards: SHARDS, mode: "active-standby", actives: 1, operation: "" };
  await redis.hset(keys().control, {
    ...record,
    preferred: JSON.stringify(preferred),
    generation,
  });
  await redis.publish(keys().wake, "control");
}

/** Step 2 of a switchover, as lease/schema.ts states it. */
async function writeHandovers(to: string, generation: number, allowedMs: number) {
  const [seconds] = await redis.time();
  for (let shard = 0; shard < SHARDS; shard++) {
    const deadlineMs = Number(seconds) * 1000 + allowedMs;
    await redis.hset(keysOf(shard).handover, { generation, to, deadlineMs });
  }
  await redis.publish(keys().wake, "handover");
}

function gatewayOf(name: string, incarnation?: string): LeaseGateway {
  const gateway = new LeaseGateway({
    ...{ url: server.url, prefix: PREFIX, fleet, name },
    ...(incarnation === undefined ? {} : { incarnation }),
  });
  gateways.push(gateway);
  return gateway;
}

const all = (gateway: LeaseGateway) => expect.poll(gateway.valid, { interval: 5, timeout: 10_000 });

describe("failover", () => {
  test("a frozen active's shards are with the standby within 3 s, and it stands by when it resumes", async () => {
    const first = gatewayOf("gw-1");
    await all(first).toBe(SHARDS);
    const second = gatewayOf("gw-2");
    await expect.poll(() => second.loop.faults()).toEqual([]);
    const holders = watchHolders(SHARDS, first, second);

    const frozenAt = performance.now();
    first.freeze();
    await all(second).toBe(SHARDS);
    expect(Math.max(...second.grantedAt) - frozenAt).toBeLessThan(3_000);
    expect(second.loop.role()).toBe("active");
    expect(first.valid()).toBe(0);

    first.resume();
    await expect.poll(() => first.loop.held()).toEqual([]);
    await expect.poll(() => first.loop.role()).toBe("standby");
    expect(first.loop.lost().expired + first.loop.lost().taken).toBe(SHARDS);
    expect(holders()).toBe(1);
    for (const lease of await leases()) expect(lease).toMatchObject({ holder: "gw-2", epoch: "2" });
  });

  test("released by its agent, a dead active's shards move within 500 ms", async () => {
    const first = gatewayOf("gw-1");
    await all(first).toBe(SHARDS);
    const second = gatewayOf("gw-2");
    await expect.poll(() => second.loop.faults()).toEqual([]);

    first.freeze();
    first.cut();
    const diedAt = performance.now();
    await redis.hdel(keys().members, "gw-1/gw-1-a");
    for (let shard = 0; shard < SHARDS; shard++) await redis.del(keysOf(shard).lease);
    await redis.publish(keys().wake, "released");
    await all(second).toBe(SHARDS);
    expect(Math.max(...second.grantedAt) - diedAt).toBeLessThan(500);
  });

  test("who took over stays: the preferred one that returns takes nothing back", async () => {
    const first = gatewayOf("gw-1");
    await all(first).toBe(SHARDS);
    const second = gatewayOf("gw-2");
    await expect.poll(() => second.loop.faults()).toEqual([]);
    await first.loop.stop();
    await all(second).toBe(SHARDS);

    const again = gatewayOf("gw-1", "gw-1-b");
    await expect.poll(() => again.loop.faults()).toEqual([]);
    const beat = async () => Number((await redis.hgetall(keysOf(0).lease))["beat"]);
    const before = await beat();
    await expect.poll(beat, { timeout: 5_000 }).toBeGreaterThan(before + 2);
    expect(again.loop.role()).toBe("standby");
    expect(second.valid()).toBe(SHARDS);
  });
});

describe("switchover", () => {
  test("idle shards move at once, one holder each at every moment; back again as well", async () => {
    const first = gatewayOf("gw-1");
    await all(first).toBe(SHARDS);
    const second = gatewayOf("gw-2");
    await expect.poll(() => second.loop.faults()).toEqual([]);
    const holders = watchHolders(SHARDS, first, second);

    for (const [generation, from, to, name] of [
      [2, first, second, "gw-2"],
      [3, second, first, "gw-1"],
    ] as const) {
      to.grantedAt.length = 0;
      const startedAt = performance.now();
      await writeControl([name], generation);
      await writeHandovers(name, generation, 10_000);
      await all(to).toBe(SHARDS);
      expect(from.valid()).toBe(0);
      expect(Math.max(...to.grantedAt) - startedAt).toBeLessThan(1_000);
    }
    expect(holders()).toBe(1);
    expect(first.loop.lost()).toMatchObject({ expired: 0, taken: 0, overdue: 0 });
    for (const lease of await leases()) {
      expect(lease).toMatchObject({ holder: "gw-1", epoch: "3", generation: "3" });
    }
  });

  test("the control record alone is enough: the console may die before the hand-overs", async () => {
    const first = gatewayOf("gw-1");
    await all(first).toBe(SHARDS);
    const second = gatewayOf("gw-2");
    await expect.poll(() => second.loop.faults()).toEqual([]);
    await writeControl(["gw-2"], 2);
    await all(second).toBe(SHARDS);
  });

  test("a busy shard waits for the deadline and then moves; the idle ones do not wait for it", async () => {
    const first = gatewayOf("gw-1");
    await all(first).toBe(SHARDS);
    const second = gatewayOf("gw-2");
    await expect.poll(() => second.loop.faults()).toEqual([]);
    first.busy.add(5);
    const holders = watchHolders(SHARDS, first, second);
    await writeHandovers("gw-2", 2, 3_000);
    await writeControl(["gw-2"], 2);
    await all(second).toBe(SHARDS - 1);
    expect(first.loop.held()).toEqual([{ shard: 5, epoch: 1 }]);
    await all(second).toBe(SHARDS);
    expect(holders()).toBe(1);
  });

  test("draining hands everything over and keeps it away; alone, it keeps everything", async () => {
    const first = gatewayOf("gw-1");
    await all(first).toBe(SHARDS);
    first.loop.setDraining(true);
    expect(first.loop.role()).toBe("draining");
    await expect.poll(() => first.loop.hasBetter()).toBe(false);
    const second = gatewayOf("gw-2");
    expect(await first.loop.handedOver(systemClock.monotonicMs() + 5_000)).toBe(true);
    await all(second).toBe(SHARDS);
  });
});

describe("Redis", () => {
  test("epochs never fall, also when Redis was wiped", async () => {
    const first = gatewayOf("gw-1");
    await all(first).toBe(SHARDS);
    const second = gatewayOf("gw-2");
    await expect.poll(() => second.loop.faults()).toEqual([]);
    await writeControl(["gw-2"], 2);
    await all(second).toBe(SHARDS);
    await redis.flushall();
    await expect
      .poll(async () => (await leases()).map((lease) => Number(lease["epoch"])))
      .toEqual(Array.from({ length: SHARDS }, () => 3));
    // A gateway begins to work a shard only after Redis' answer has reached it.
    await expect.poll(() => first.valid() + second.valid()).toBe(SHARDS);
  });

  test("without a control record it waits and says so; with one of another layout it takes no part", async () => {
    await redis.del(keys().control);
    const gateway = gatewayOf("gw-1");
    await expect.poll(() => gateway.loop.faults().join()).toContain("control-missing");
    await writeControl(["gw-1"], 1);
    await all(gateway).toBe(SHARDS);
    expect(gateway.loop.faults()).toEqual([]);
    await redis.hset(keys().control, { layout: 2 });
    await redis.publish(keys().wake, "control");
    await expect.poll(() => gateway.loop.faults().join()).toContain("layout-differs");
    expect(gateway.loop.held()).toEqual([]);
  });

  test("away, nobody processes; back again, the gateway resumes by itself with new epochs", async () => {
    const gateway = gatewayOf("gw-1");
    await all(gateway).toBe(SHARDS);
    await server.kill();
    await all(gateway).toBe(0);
    await expect.poll(() => gateway.loop.faults().join()).toContain("redis-unreachable");
    await server.restart();
    await all(gateway).toBe(SHARDS);
    expect(gateway.loop.held().map((h) => h.epoch)).toEqual(
      Array.from({ length: SHARDS }, () => 2),
    );
    expect(gateway.loop.faults()).toEqual([]);
  });

  test("a connection cut for a moment is a takeover: aborted, and started anew with a higher epoch", async () => {
    const gateway = gatewayOf("gw-1");
    await all(gateway).toBe(SHARDS);
    await redis.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
    await expect
      .poll(() => gateway.loop.held().map((h) => h.epoch))
      .toEqual(Array.from({ length: SHARDS }, () => 2));
    expect(gateway.loop.lost().reconnected).toBe(SHARDS);
  });
});
