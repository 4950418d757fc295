import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { systemClock } from "@chela/shared/clock/system-clock";
import { shardKeys } from "@chela/shared/keys/keys";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort, startRedis, type TestRedis } from "../../../../e2e/harness/redis-server.ts";
import { until } from "../../../../e2e/harness/wait.ts";
import { entryOf, type IngestItem, RedisInbox } from "../inbox/redis-inbox.ts";
import { createRedisLeaseStore } from "../lease/redis-lease-store.ts";
import { RedisOutbox } from "../outbox/redis-outbox.ts";
import { durabilityOf } from "./redis-durability.ts";

/** A Redis as a Cluster of one node: it refuses a script whose keys lie in several slots, or that are not its own. */
let server: TestRedis;
let redis: Redis;

beforeAll(async () => {
  const bus = String(await freePort());
  server = await startRedis({ "cluster-enabled": "yes", "cluster-port": bus });
  redis = new Redis(server.url);
  await redis.call("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
  await until("a working cluster", async () =>
    String(await redis.call("CLUSTER", "INFO")).includes("cluster_state:ok"),
  );
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

const SHARD = 3;
const place = { prefix: "openclaw:", fleet: "f" };
const identity = { ...place, gateway: "gw-1", incarnation: "a" };
const item = (eventId: string, shard = SHARD): IngestItem => {
  const event = { channel: "generic", sessionKey: "generic:a", eventId, text: "t", reply: "" };
  return { event: { ...event, request: null }, shard, dedupeTtlMs: 60_000 };
};

test("every script's keys lie in one slot of a Cluster, and nothing else is touched", async () => {
  const inbox = new RedisInbox(redis, identity, {
    ...{ backlogMax: 10, sessionTtlSeconds: 60, historyMax: 100 },
  });
  const outbox = new RedisOutbox(redis, identity);
  const leases = createRedisLeaseStore({ redis, ...place, name: "gw-1", incarnation: "a" });
  const report = { name: "gw-1", incarnation: "a", beat: 1, version: "1", weight: 1, inFlight: 0 };
  const state = { draining: false, assistantUp: true, tilt: false, since: null };
  const keys = shardKeys(place.prefix, place.fleet, SHARD);

  await leases.heartbeat({ ...report, ...state }, []);
  const request = { shard: SHARD, observed: null, highestEpochSeen: 0, generation: 1 };
  expect(await leases.acquire([request])).toMatchObject([{ outcome: "granted" }]);
  const own = { shard: SHARD, epoch: 1 };
  expect(await leases.renew([{ ...own, generation: 1 }])).toMatchObject([{ outcome: "renewed" }]);

  expect(await inbox.ingest([item("1"), item("2"), item("1")])).toMatchObject([
    { outcome: "accepted" },
    { outcome: "accepted" },
    { outcome: "duplicate" },
  ]);
  const [[id, fields]] = (await redis.xrange(keys.inbox, "-", "+")) as [[string, string[]]];
  expect(await inbox.begin(own, id)).toBe("begun");
  await inbox.giveBack(SHARD, id);
  const reply = { role: "assistant", text: "r", deadReason: "given-up", outbox: ["m"] } as const;
  expect(await inbox.commit(own, entryOf(id, fields)!, reply)).toBe("committed");

  const [sent] = await outbox.read(SHARD, "0-0", 10);
  expect(await outbox.claim(own, [sent!.id])).toMatchObject([{ kind: "claimed" }]);
  await outbox.unclaim(own, sent!.id);
  await outbox.settle(SHARD, sent!.id, null);
  await leases.release([{ ...own, movedUnder: 1 }]);
  expect(await redis.exists(keys.lease)).toBe(0);
});

test("the mark that WAIT needs lies in the slot of the keys it stands for", async () => {
  const durable = durabilityOf(redis, "replica", systemClock);
  const limits = { backlogMax: 10, sessionTtlSeconds: 60, historyMax: 100 };
  // There is no replica here; that it is that which is missing says that the rest went through.
  const inbox = new RedisInbox(redis, identity, limits, durable);
  expect(await inbox.ingest([item("3")])).toEqual([
    { outcome: "unavailable", code: "not-replicated" },
  ]);
  expect(await redis.exists(shardKeys(place.prefix, place.fleet, SHARD).mark)).toBe(1);
});

test("an ingest call over several shards is for a single Redis only: a Cluster refuses it whole and stores nothing", async () => {
  const inbox = new RedisInbox(redis, identity, {
    ...{ backlogMax: 10, sessionTtlSeconds: 60, historyMax: 100 },
  });
  await expect(inbox.ingest([item("4"), item("5", SHARD + 1)])).rejects.toThrow(/CROSSSLOT/);
  expect(await redis.xlen(shardKeys(place.prefix, place.fleet, SHARD + 1).inbox)).toBe(0);
});

test("no script with several keys is left out above", () => {
  const root = new URL("..", import.meta.url).pathname;
  const scripts = readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".lua"))
    .filter((path) => /KEYS\[[^1\]]/.test(readFileSync(join(root, path), "utf8")))
    .map((path) => basename(path, ".lua"));
  expect(scripts.sort()).toEqual([
    ...["acquire", "begin", "claim", "commit", "ingest", "release", "renew", "settle"],
  ]);
});
