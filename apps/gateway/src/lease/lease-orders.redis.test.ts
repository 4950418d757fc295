import { flappingOf } from "@chela/shared/failover/flapping";
import { fleetKeys, shardKeys } from "@chela/shared/keys/keys";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { startRedis, type TestRedis } from "../../../../e2e/harness/redis-server.ts";
import { until } from "../../../../e2e/harness/wait.ts";
import { LeaseGateway } from "../testing/lease-gateway.ts";

/** What the control record can order beyond a preference: a canary, a pause, an acknowledgement. */

const SHARDS = 16;
const PREFIX = "openclaw:";
const FLAP_MOVES = 2;
let server: TestRedis;
let redis: Redis;
let fleet = "";
let runs = 0;
let generation = 0;
const gateways: LeaseGateway[] = [];

beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
beforeEach(async () => {
  fleet = `orders-${++runs}`;
  generation = 0;
  await order({ layout: 1, shards: SHARDS, mode: "active-standby", actives: 1, operation: "" });
  for (let shard = 0; shard < SHARDS; shard++) {
    await redis.set(shardKeys(PREFIX, fleet, shard).epoch, 0);
  }
});
afterEach(async () => {
  for (const gateway of gateways.splice(0)) await gateway.end();
});

/** As the console writes it: a new generation, today's holder first. */
async function order(fields: Record<string, string | number>): Promise<void> {
  const { control, wake } = fleetKeys(PREFIX, fleet);
  const holder = gateways.find((gateway) => gateway.valid() > SHARDS / 2);
  const preferred = JSON.stringify([holder === undefined ? "gw-0" : nameOf(holder)]);
  await redis.hset(control, { preferred, generation: ++generation, ...fields });
  await redis.publish(wake, "control");
}
const nameOf = (gateway: LeaseGateway) => `gw-${gateways.indexOf(gateway)}`;

async function joined(): Promise<LeaseGateway> {
  const times = { holdAtLeastMs: 100, flapMovesMax: FLAP_MOVES };
  const name = `gw-${gateways.length}`;
  const gateway = new LeaseGateway({ url: server.url, prefix: PREFIX, fleet, name, times });
  gateways.push(gateway);
  await until("it to see the fleet", () => gateway.loop.faults().length === 0);
  if (gateways.length === 1) await holds(gateway, SHARDS);
  return gateway;
}
const holds = (gateway: LeaseGateway, shards: number) =>
  until(`${shards} shards`, () => gateway.valid() === shards);

test("a canary gets its share of the shards within a moment, and gives it back at its end", async () => {
  const [one, two] = [await joined(), await joined()];
  await order({ canary: JSON.stringify({ gateways: ["gw-1"], percent: 25 }) });
  await holds(two, 4);
  await holds(one, 12);
  await order({ canary: "" });
  await holds(one, SHARDS);
});

test("while automatic failover is paused a holder without its assistant keeps its shards; resumed, they move", async () => {
  const [one, two] = [await joined(), await joined()];
  await order({ paused: "1" });
  one.assistantUp = false;
  const confirmed = () => redis.hget(shardKeys(PREFIX, fleet, 0).lease, "generation");
  await until("the order to be confirmed", async () => (await confirmed()) === String(generation));
  expect([one.valid(), two.valid()]).toEqual([SHARDS, 0]);
  await order({ paused: "0" });
  await holds(two, SHARDS);
});

test("shards that moved too often stay with a live holder, which says so, until it is acknowledged", async () => {
  const [one, two] = [await joined(), await joined()];
  const swap = async (from: LeaseGateway, to: LeaseGateway) => {
    [from.assistantUp, to.assistantUp] = [false, true];
    await holds(to, SHARDS);
  };
  await swap(one, two);
  expect(two.loop.warnings()).toEqual([]);
  await swap(two, one);
  const told = await until("the warning", () => one.loop.warnings()[0] ?? false);
  // As the console reads it.
  expect(flappingOf([String(told)], 0)).toMatchObject({ moves: FLAP_MOVES, windowMs: 300_000 });
  [one.assistantUp, two.assistantUp] = [false, true];
  const { members } = fleetKeys(PREFIX, fleet);
  await until("everybody to know of it", async () => {
    const records = await redis.hvals(members);
    return records.some((text) => text.includes('"gw-0"') && text.includes('"assistantUp":false'));
  });
  expect([one.valid(), two.valid()]).toEqual([SHARDS, 0]);
  await order({ flapAcknowledged: generation + 1 });
  await holds(two, SHARDS);
  expect(two.loop.warnings()).toEqual([]);
});
