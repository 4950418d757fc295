import type { RedisReading } from "@chela/shared/fleet/observation";
import type { FleetSpec } from "@chela/shared/fleet/spec";
import { fakeView } from "@chela/shared/fleet/testing/fake-view";
import { DEFAULT_KEY_PREFIX, KEY_LAYOUT_VERSION } from "@chela/shared/keys/keys";
import type { Redis } from "ioredis";
import { pino } from "pino";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { startRedis, type TestRedis } from "../../../../e2e/harness/redis-server.ts";
import { ControlKeeper } from "./control-keeper.ts";
import { connectRedis } from "./redis-connection.ts";
import { RedisControl } from "./redis-control.ts";
import { RedisFleetReader } from "./redis-fleet-reader.ts";

const place = { keyPrefix: DEFAULT_KEY_PREFIX, fleet: "f" };
let server: TestRedis;
let redis: Redis;
let control: RedisControl;
let keeper: ControlKeeper;
let acting: { current: number | null; doubt(): void };
let paused: FleetSpec["failoverPaused"];

beforeAll(async () => {
  server = await startRedis();
  redis = connectRedis(server.url, "test");
  await new Promise<void>((resolve) => redis.once("ready", () => resolve()));
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
beforeEach(async () => {
  await redis.flushall();
  paused = null;
  acting = { current: 5, doubt: () => {} };
  control = new RedisControl(redis, place, () => 5);
  keeper = new ControlKeeper({
    log: pino({ level: "silent" }),
    control,
    acting,
    spec: () =>
      ({
        ...{ fleet: "f", mode: "active-standby", actives: 1, shards: 2 },
        ...{ gateways: [{ name: "gw-1" }, { name: "gw-2" }], failoverPaused: paused },
      }) as unknown as FleetSpec,
  });
});

const read = (): Promise<RedisReading> => new RedisFleetReader(redis, place, 2).read(Date.now());
const view = (operationId: string | null = null) =>
  fakeView(
    [
      { name: "gw-1", release: 1, shards: 0 },
      { name: "gw-2", release: 1, shards: 2 },
    ],
    1,
    0,
    { preferred: ["gw-1", "gw-2"], operationId },
  );
const pause = { by: "Mira", reason: null, at: "2026-01-01T00:00:00.000Z" };

it("the pause in the spec is carried to Redis, and taken back, without moving a shard", async () => {
  await keeper.ensure(await read());
  paused = pause;
  await keeper.keepPaused(view(), await read());
  expect(await control.read()).toMatchObject({ paused: true, preferred: ["gw-2", "gw-1"] });
  const { generation } = (await control.read())!;
  await keeper.keepPaused(view(), await read());
  expect((await control.read())?.generation).toBe(generation);
  paused = null;
  await keeper.keepPaused(view(), await read());
  expect((await control.read())?.paused).toBe(false);
});

it("an emptied Redis is told of the pause with the record itself", async () => {
  paused = pause;
  const reading = await read();
  await keeper.ensure(reading);
  expect(reading.control).toMatchObject({ paused: true, layout: KEY_LAYOUT_VERSION });
});

it("nothing is written between an operation's steps, nor by a console that stands by", async () => {
  await keeper.ensure(await read());
  paused = pause;
  await keeper.keepPaused(view("op_1"), await read());
  expect((await control.read())?.paused).toBe(false);
  acting.current = null;
  await keeper.keepPaused(view(), await read());
  expect((await control.read())?.paused).toBe(false);
  await redis.flushall();
  await keeper.ensure(await read());
  expect(await control.read()).toBeNull();
});

it("an order that meets another write is made again from there", async () => {
  await keeper.ensure(await read());
  const before = await read();
  await control.change(before.control!.generation, { preferred: ["gw-2", "gw-1"] }, "op_1");
  const changed = await keeper.order(view(), before, (generation) => ({
    flapAcknowledged: generation,
  }));
  expect(changed).toEqual({ result: "done", generation: 3 });
  expect(await control.read()).toMatchObject({ flapAcknowledged: 3, generation: 3 });
});
