import { systemClock } from "@chela/shared/clock/system-clock";
import { fleetKeys, shardKeys } from "@chela/shared/keys/keys";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { startRedis, type TestRedis } from "../../../../e2e/harness/redis-server.ts";
import { until } from "../../../../e2e/harness/wait.ts";
import { entryOf, RedisInbox } from "../inbox/redis-inbox.ts";
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
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
beforeEach(async () => {
  fleet = `fleet-${++runs}`;
  await command({ mode: "active-standby", actives: 1, preferred: ["gw-1"], generation: 1 });
  for (let shard = 0; shard < SHARDS; shard++) await redis.set(keysOf(shard).epoch, 0);
});
afterEach(async () => {
  for (const gateway of gateways.splice(0)) await gateway.end();
});

const keys = () => fleetKeys(PREFIX, fleet);
const keysOf = (shard: number) => shardKeys(PREFIX, fleet, shard);

interface Command {
  readonly mode: "active-standby" | "active-active";
  readonly actives: number;
  readonly preferred: readonly string[];
  readonly generation: number;
}
/** As the console writes it. */
async function command({ preferred, ...rest }: Command): Promise<void> {
  const record = { layout: 1, shards: SHARDS, operation: "", ...rest };
  await redis.hset(keys().control, { ...record, preferred: JSON.stringify(preferred) });
  await redis.publish(keys().wake, "control");
}

function joined(name: string, more: { incarnation?: string; weight?: number } = {}): LeaseGateway {
  const gateway = new LeaseGateway({ url: server.url, prefix: PREFIX, fleet, name, ...more });
  gateways.push(gateway);
  return gateway;
}

const holding = (of: readonly LeaseGateway[]) => of.map((gateway) => gateway.valid());
/** Every shard has a holder, and that many gateways hold some. */
const settled = (of: readonly LeaseGateway[], actives: number) =>
  until(`${actives} active`, () => {
    const counts = holding(of);
    const all = counts.reduce((sum, count) => sum + count, 0) === SHARDS;
    return all && counts.filter((count) => count > 0).length === actives;
  });

test("the mode is switched while running, there and back: never two holders, every shard held in each", async () => {
  const all = ["gw-1", "gw-2", "gw-3"].map((name) => joined(name));
  await settled(all, 1);
  const holders = watchHolders(SHARDS, ...all);
  const preferred = ["gw-1", "gw-2", "gw-3"];
  const modes = [
    { mode: "active-active", actives: 2 },
    { mode: "active-active", actives: 3 },
    { mode: "active-active", actives: 2 },
    { mode: "active-standby", actives: 1 },
  ] as const;
  for (const [index, mode] of modes.entries()) {
    await command({ ...mode, preferred, generation: index + 2 });
    await settled(all, mode.actives);
  }
  expect(holders()).toBe(1);
}, 120_000);

test("with several actives a heavier gateway holds more, and only its shards move when it leaves", async () => {
  await command({
    ...{ mode: "active-active", actives: 3, generation: 2 },
    preferred: ["gw-1", "gw-2", "gw-3"],
  });
  const [heavy, ...others] = [joined("gw-1", { weight: 6 }), joined("gw-2"), joined("gw-3")];
  const all = [heavy, ...others];
  await settled(all, 3);
  expect(heavy.valid()).toBeGreaterThan(Math.max(...holding(others)));
  const before = others.map((gateway) => [...gateway.grants.values()]);
  await heavy.loop.stop();
  await settled(others, 2);
  for (const [index, gateway] of others.entries()) {
    // The very same grants: not even given back and taken again.
    for (const grant of before[index]!) expect(gateway.grants.get(grant.shard)).toBe(grant);
  }
}, 60_000);

test("a holder that hangs is fenced: another takes at once, and what the old one commits late is refused", async () => {
  const first = joined("gw-1");
  await settled([first], 1);
  const second = joined("gw-2");
  await until("a standby", () => second.loop.faults().length === 0);
  const inbox = new RedisInbox(
    redis,
    { prefix: PREFIX, fleet, gateway: "gw-1", incarnation: "gw-1-a" },
    { backlogMax: 10, sessionTtlSeconds: 60, historyMax: 100 },
  );
  const event = { channel: "generic", sessionKey: "generic:a", eventId: "e", text: "t", reply: "" };
  await inbox.ingest([{ event: { ...event, request: null }, shard: 0, dedupeTtlMs: 60_000 }]);
  const [[id, fields]] = (await redis.xrange(keysOf(0).inbox, "-", "+")) as [[string, string[]]];
  const { epoch } = first.grants.get(0)!;

  first.freeze();
  // As the console fences: lease/schema.ts.
  await command({
    ...{ mode: "active-standby", actives: 1, generation: 2 },
    preferred: ["gw-2", "gw-1"],
  });
  for (let shard = 0; shard < SHARDS; shard++) {
    await redis.set(keysOf(shard).epoch, epoch + 1);
    await redis.del(keysOf(shard).lease);
  }
  await redis.publish(keys().wake, "fenced");
  await settled([second], 1);
  expect(second.grants.get(0)!.epoch).toBeGreaterThan(epoch + 1);

  first.resume();
  const reply = { role: "assistant", text: "late", deadReason: "", outbox: [] } as const;
  const entry = entryOf(id, fields)!;
  expect(await inbox.commit({ shard: 0, epoch }, entry, reply)).toBe("fenced");
  await until("its step back", () => first.loop.held().length === 0);
  expect(second.valid()).toBe(SHARDS);
});

test("a second incarnation of one name takes over from the first while both live, never both at once", async () => {
  const older = joined("gw-1", { incarnation: "older" });
  await settled([older], 1);
  const holders = watchHolders(SHARDS, older);
  const newer = joined("gw-1", { incarnation: "newer" });
  const both = watchHolders(SHARDS, older, newer);
  await until("the newer one", () => newer.valid() === SHARDS);
  expect(older.valid()).toBe(0);
  expect(Math.max(holders(), both())).toBe(1);
  expect(older.loop.lost()).toMatchObject({ expired: 0, taken: 0 });
});

test("while every assistant is down somebody holds; the first whose assistant works takes over from it", async () => {
  const [first, second] = [joined("gw-1"), joined("gw-2")];
  first.assistantUp = false;
  second.assistantUp = false;
  await settled([first, second], 1);
  const [holder, other] = first.valid() > 0 ? [first, second] : [second, first];
  const holders = watchHolders(SHARDS, first, second);
  other.assistantUp = true;
  await until("the one that can answer", () => other.valid() === SHARDS);
  expect(holder.valid()).toBe(0);
  expect(holders()).toBe(1);
});

test("a fleet whose gateways all drain goes on processing", async () => {
  const [first, second] = [joined("gw-1"), joined("gw-2")];
  await settled([first, second], 1);
  for (const gateway of [first, second]) gateway.loop.setDraining(true);
  const seen = systemClock.monotonicMs();
  await until("both seen draining for a while", async () => {
    const members = Object.values(await redis.hgetall(keys().members)).map((t) => JSON.parse(t));
    return members.every((m) => m.draining) && systemClock.monotonicMs() - seen > 1_000;
  });
  await settled([first, second], 1);
});

test("a gateway that began with another number of shards takes no part any more, and says so", async () => {
  const gateway = joined("gw-1");
  await settled([gateway], 1);
  await redis.hset(keys().control, { shards: SHARDS * 2 });
  await redis.publish(keys().wake, "control");
  await until("the fault", () => gateway.loop.faults().join().includes("shards-differ"));
  expect(gateway.loop.held()).toEqual([]);
  await redis.hset(keys().control, { shards: SHARDS });
  await settled([gateway], 1);
});
