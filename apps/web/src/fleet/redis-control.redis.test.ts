import { readFileSync } from "node:fs";
import {
  DEFAULT_KEY_PREFIX,
  fleetKeys,
  KEY_LAYOUT_VERSION,
  shardKeys,
} from "@chela/shared/keys/keys";
import type { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startRedis, type TestRedis } from "../../../../e2e/harness/redis-server.ts";
import { StaleController } from "../controller/stale-controller.ts";
import { connectRedis } from "./redis-connection.ts";
import { RedisControl } from "./redis-control.ts";
import { RedisFleetReader } from "./redis-fleet-reader.ts";
import { LeaseWatch } from "./redis-lease-watch.ts";

const place = { keyPrefix: DEFAULT_KEY_PREFIX, fleet: "f" };
const keys = fleetKeys(place.keyPrefix, place.fleet);
const shard = (number: number) => shardKeys(place.keyPrefix, place.fleet, number);
let server: TestRedis;
let redis: Redis;
let control: RedisControl;

beforeAll(async () => {
  server = await startRedis();
  redis = connectRedis(server.url, "test");
  await new Promise<void>((resolve) => redis.once("ready", () => resolve()));
  control = new RedisControl(redis, place, () => 5);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
beforeEach(async () => {
  await redis.flushall();
});

const first = {
  layout: KEY_LAYOUT_VERSION,
  shards: 4,
  mode: "active-standby" as const,
  actives: 1,
  preferred: ["gw-1", "gw-2"],
  generation: 1,
  paused: false,
};
const lease = (number: number, holder: string, epoch = 7) =>
  redis.hset(shard(number).lease, {
    holder,
    incarnation: `${holder}-i`,
    epoch,
    beat: 1,
    generation: 1,
  });

describe("the control record", () => {
  it("is written where there is none, and never over one that stands", async () => {
    expect(await control.create(first)).toBe(true);
    expect(await control.read()).toEqual({
      ...first,
      operation: "",
      canary: null,
      flapAcknowledged: 0,
    });
    expect(await control.create({ ...first, generation: 9 })).toBe(false);
    expect((await control.read())?.generation).toBe(1);
  });
});

describe("a change of the control record", () => {
  it("writes once for an operation, however often it is tried", async () => {
    await control.create(first);
    const write = () => control.change(1, { preferred: ["gw-2", "gw-1"] }, "op_1");
    expect(await write()).toEqual({ result: "done", generation: 2 });
    expect(await write()).toEqual({ result: "done", generation: 2 });
    expect(await control.read()).toMatchObject({
      preferred: ["gw-2", "gw-1"],
      generation: 2,
      operation: "op_1",
    });
  });

  it("changes nothing once somebody else wrote since the plan", async () => {
    await control.create(first);
    await control.change(1, { preferred: ["gw-2"] }, "op_1");
    expect(await control.change(1, { preferred: ["gw-1"] }, "op_2")).toEqual({
      result: "superseded",
      generation: 2,
    });
    expect((await control.read())?.preferred).toEqual(["gw-2"]);
  });

  it("says that there is no record", async () => {
    expect(await control.change(1, { preferred: ["gw-1"] }, "op_1")).toEqual({ result: "missing" });
  });
});

describe("what a change can hold beside the preference", () => {
  it("is written field by field, and stays where it is left out", async () => {
    await control.create(first);
    const preferred = ["gw-1", "gw-2"];
    const canary = { gateways: ["gw-2"], percent: 25 };
    await control.change(1, { preferred, mode: "active-active", actives: 2, canary }, "op_1");
    await control.change(2, { preferred, paused: true }, "pause_1");
    expect(await control.read()).toMatchObject({
      ...{ mode: "active-active", actives: 2, canary, paused: true, generation: 3 },
    });
    await control.change(
      3,
      { preferred, canary: null, paused: false, flapAcknowledged: 4 },
      "op_2",
    );
    expect(await control.read()).toMatchObject({
      ...{ mode: "active-active", canary: null, paused: false, flapAcknowledged: 4 },
    });
  });
});

describe("a paused controller that wakes up ⚑", () => {
  const later = () => new RedisControl(redis, place, () => 6);

  it("is refused at the control record, the hand-over and the fence, once another one has announced itself", async () => {
    await control.create(first);
    await lease(0, "gw-1");
    await later().announce(4);
    const before = await redis.hgetall(keys.control);
    await expect(control.change(1, { preferred: ["gw-2"] }, "op_1")).rejects.toThrow(
      StaleController,
    );
    await expect(control.handover([0], 2, "gw-2", 10_000)).rejects.toThrow(StaleController);
    await expect(
      control.fence(
        [{ shard: 0, holder: "gw-1", incarnation: "gw-1-i", epochSeen: 7 }],
        2,
        "gw-2",
        5_000,
      ),
    ).rejects.toThrow(StaleController);
    expect(await redis.hgetall(keys.control)).toEqual(before);
    expect(await redis.exists(shard(0).handover)).toBe(0);
    expect(await redis.exists(shard(0).lease)).toBe(1);
  });

  it("is refused also by what the other one has written only", async () => {
    await control.create(first);
    await later().change(1, { preferred: ["gw-2"] }, "op_2");
    await later().handover([0], 2, "gw-2", 10_000);
    await expect(control.change(2, { preferred: ["gw-1"] }, "op_1")).rejects.toThrow(
      StaleController,
    );
    await expect(control.handover([0], 3, "gw-1", 10_000)).rejects.toThrow(StaleController);
    expect(await redis.hgetall(shard(0).handover)).toMatchObject({ to: "gw-2" });
  });

  it("learns from its own announcement that it came too late", async () => {
    await control.create(first);
    await later().announce(4);
    await expect(control.announce(4)).rejects.toThrow(StaleController);
  });
});

describe("handover", () => {
  it("sets a deadline in Redis' time, and keeps the first one of a generation", async () => {
    await control.handover([0], 2, "gw-2", 10_000);
    const written = await redis.hgetall(shard(0).handover);
    const nowMs = Number((await redis.time())[0]) * 1_000;
    expect(written).toMatchObject({ generation: "2", to: "gw-2" });
    expect(Number(written["deadlineMs"]) - nowMs).toBeGreaterThan(5_000);
    await control.handover([0], 2, "gw-2", 60_000);
    expect(await redis.hgetall(shard(0).handover)).toEqual(written);
    await control.handover([0], 3, "gw-1", 10_000);
    expect(await redis.hgetall(shard(0).handover)).toMatchObject({ generation: "3", to: "gw-1" });
  });
});

describe("fence", () => {
  const fenced = { shard: 0, holder: "gw-1", incarnation: "gw-1-i", epochSeen: 3 };

  it("takes the lease and raises the epoch above every one that was seen", async () => {
    await lease(0, "gw-1", 7);
    await redis.set(shard(0).epoch, 5);
    expect(await control.fence([fenced], 2, "gw-2", 5_000)).toBe(1);
    expect(await redis.exists(shard(0).lease)).toBe(0);
    expect(await redis.get(shard(0).epoch)).toBe("8");
    await lease(0, "gw-1", 2);
    await control.fence([{ ...fenced, epochSeen: 41 }], 3, "gw-2", 5_000);
    expect(await redis.get(shard(0).epoch)).toBe("42");
  });

  it("leaves the lease of another holder or incarnation alone", async () => {
    await lease(0, "gw-2");
    expect(await control.fence([fenced], 2, "gw-2", 5_000)).toBe(0);
    await lease(0, "gw-1");
    expect(await control.fence([{ ...fenced, incarnation: "older" }], 2, "gw-2", 5_000)).toBe(0);
    expect(await redis.exists(shard(0).lease)).toBe(1);
    expect(await redis.exists(shard(0).epoch)).toBe(0);
  });
});

describe("the scripts' headers", () => {
  it.each([
    "create-control",
    "change-control",
    "announce-control",
    "announce-shard",
    "handover",
    "fence",
  ])("%s writes the keys it names", (name) => {
    const lua = readFileSync(new URL(`lua/${name}.lua`, import.meta.url), "utf8");
    const names = [...lua.matchAll(/^-- {3}\d {2}(\w+)|(?<= {3})\d {2}(\w+)/gm)].map(
      ([, first, other]) => first ?? other,
    );
    const writes = /-- Writes: (.+)/.exec(lua)![1]!.split(", ");
    const written = new Set(
      [...lua.matchAll(/redis\.call\('(?:HSET|SET|DEL)', KEYS\[(\d)\]/g)].map(
        ([, index]) => names[Number(index) - 1]!.split(" ")[0],
      ),
    );
    expect([...written].sort()).toEqual([...writes].sort());
  });
});

describe("the reader", () => {
  it("sees control, leases, sessions and backlog in one look", async () => {
    await control.create(first);
    await lease(1, "gw-1");
    await redis.zadd(shard(1).sessions, Date.now() + 60_000, "generic:a", 1, "generic:expired");
    await redis.xadd(shard(1).inbox, "*", "text", "x");
    await redis.hset(keys.members, "broken/1", "{");
    const reading = await new RedisFleetReader(redis, place, 4).read(Date.now());
    expect(reading.view).toMatchObject({ reachable: true, persistence: "append-only file" });
    expect(reading.control?.generation).toBe(1);
    expect(reading.members).toEqual([]);
    expect(reading.shards).toHaveLength(4);
    expect(reading.shards[1]).toMatchObject({ sessions: 1, backlog: 1, lease: { holder: "gw-1" } });
    expect(reading.shards[0]).toMatchObject({ sessions: 0, backlog: 0, lease: null });
  });

  it("answers that Redis does not answer, and why", async () => {
    const gone = connectRedis("redis://127.0.0.1:1", "test");
    const reading = await new RedisFleetReader(gone, place, 4).read(Date.now());
    gone.disconnect();
    expect(reading.view.reachable).toBe(false);
    expect(reading.view.reason).toBeTruthy();
  });
});

describe("following a hand-over", () => {
  it("measures from the order to the last arrival", async () => {
    for (const number of [0, 1, 2, 3]) await lease(number, "gw-1");
    const watch = new LeaseWatch(redis, place, 4);
    const moved = await watch.follow(
      async () => {
        for (const number of [0, 1, 2, 3]) await lease(number, "gw-2");
      },
      (held) => held?.holder === "gw-2",
      5_000,
      new AbortController().signal,
    );
    expect(moved).toMatchObject({ moved: 4 });
  });

  it("says how many are missing when the time is over", async () => {
    await lease(0, "gw-1");
    const watch = new LeaseWatch(redis, place, 1);
    const moved = await watch.follow(
      async () => {},
      (held) => held?.holder === "gw-2",
      50,
      new AbortController().signal,
    );
    expect(moved).toEqual({ missing: 1 });
  });
});
