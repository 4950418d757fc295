import { systemClock } from "@chela/shared/clock/system-clock";
import { shardKeys } from "@chela/shared/keys/keys";
import { shardOf } from "@chela/shared/shard/shard-of";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { TestRedis } from "../../../../e2e/harness/redis-server.ts";
import { until } from "../../../../e2e/harness/wait.ts";
import { type IngestItem, RedisInbox } from "../inbox/redis-inbox.ts";
import { GatewayProcess, settingsFor, writeControl } from "../testing/gateway-process.ts";
import { type RedisGroup, startRedisGroup } from "../testing/redis-group.ts";
import { histories, SteadyTraffic } from "../testing/steady-traffic.ts";
import { durabilityOf } from "./redis-durability.ts";

const SHARDS = 16;
let group: RedisGroup;
let redis: Redis;
let fleet = "";
let runs = 0;
let gateways: GatewayProcess[] = [];

beforeAll(async () => {
  group = await startRedisGroup();
  redis = new Redis({ sentinels: [...group.sentinels], name: group.name });
  redis.on("error", () => {});
});
afterAll(async () => {
  redis.disconnect();
  await group.stop();
});
beforeEach(async () => {
  fleet = `fleet-${++runs}`;
  await writeControl(redis, fleet, "gw-1");
  const { sentinels, name } = group;
  const block = { sentinels, name, db: 0, keyPrefix: "openclaw:" };
  const settings = settingsFor(0, { session: { store: "redis", redis: block } });
  gateways = await Promise.all(
    ["gw-1", "gw-2"].map((gateway) => GatewayProcess.start(gateway, fleet, settings)),
  );
  await until("an active and a ready gateway", async () => {
    const [one, two] = await Promise.all(gateways.map((gateway) => gateway.status()));
    return one!.shards.length === SHARDS && two!.ready;
  });
});
afterEach(async () => {
  await Promise.all(gateways.splice(0).map((gateway) => gateway.end()));
  for (const server of group.servers) server.resume();
});

/** Every gateway has found the new primary, not only the one that processes. */
const allReady = () =>
  until("every gateway ready", async () =>
    (await Promise.all(gateways.map((gateway) => gateway.status()))).every(({ ready }) => ready),
  );

const keysOf = (session: string) =>
  shardKeys("openclaw:", fleet, shardOf(`generic:${session}`, SHARDS));

/** Looks at the epochs that the gateways hold until told to stop: those that were lower than one seen before. */
function watchEpochs(): () => Promise<string[]> {
  const highest = new Map<number, number>();
  const fallen: string[] = [];
  let on = true;
  const watching = (async () => {
    while (on) {
      for (const gateway of gateways) {
        for (const { shard, epoch } of (await gateway.status().catch(() => null))?.shards ?? []) {
          if (epoch < (highest.get(shard) ?? 0)) fallen.push(`${shard}: ${epoch}`);
          highest.set(shard, Math.max(epoch, highest.get(shard) ?? 0));
        }
      }
      await systemClock.sleep(50);
    }
  })();
  return async () => {
    on = false;
    await watching;
    return fallen;
  };
}

/** Sentinel has made it a replica of that primary, and it has what the primary has. */
async function rejoined(server: TestRedis, primary: TestRedis): Promise<void> {
  const client = new Redis(server.url, { retryStrategy: () => 100 });
  client.on("error", () => {});
  await until(
    "a replica of the new primary",
    async () => {
      const info = await client.info("replication");
      return (
        info.includes(`master_port:${primary.port}\r`) && info.includes("master_link_status:up")
      );
    },
    { timeoutMs: 45_000 },
  );
  client.disconnect();
}

test("the primary killed under load: nothing accepted is lost or doubled, order holds, epochs never fall, all by itself", async () => {
  const epochs = watchEpochs();
  const traffic = new SteadyTraffic(gateways);
  await traffic.more(10);
  const old = await group.primary();
  await old.kill();
  await traffic.more(10);
  expect(await group.primary()).not.toBe(old);
  await allReady();

  // The old one comes back believing itself the primary; without a replica it takes nothing.
  await old.restart();
  await rejoined(old, await group.primary());
  await traffic.more(5);
  await traffic.end();
  expect(await histories(redis, fleet, traffic.expected())).toEqual(traffic.expected());
  expect(await epochs()).toEqual([]);
}, 120_000);

test("the primary hangs and wakes up after another was promoted: it accepts nothing, and nobody stays with it", async () => {
  const traffic = new SteadyTraffic(gateways);
  await traffic.more(5);
  const old = await group.primary();
  const left = new Redis(old.url, { commandTimeout: 500, maxRetriesPerRequest: 0 });
  left.on("error", () => {});
  const identity = { prefix: "openclaw:", fleet, gateway: "gw-0", incarnation: "left-behind" };
  const limits = { backlogMax: 1_000, sessionTtlSeconds: 600, historyMax: 1_000 };
  const inbox = new RedisInbox(left, identity, limits, durabilityOf(left, "replica", systemClock));
  const item = (eventId: string): IngestItem => {
    const event = { channel: "generic", sessionKey: "generic:left", eventId, text: "t", reply: "" };
    return { event: { ...event, request: null }, shard: 0, dedupeTtlMs: 60_000 };
  };
  await until("stored", async () => (await inbox.ingest([item("0")]))[0]?.outcome === "accepted");

  old.pause();
  const promoted = await until(
    "another primary",
    async () => {
      const primary = await group.primary();
      return primary !== old && primary;
    },
    { timeoutMs: 45_000 },
  );
  // As long as Sentinel has left it a replica it may confirm writes that are lost: docs/decisions/0012.
  for (const server of group.servers) {
    if (server !== old && server !== promoted) await rejoined(server, promoted);
  }
  old.resume();
  // From here on until Sentinel has demoted it, and beyond: it refuses.
  const outcomes = new Set<string>();
  let tried = 0;
  const demoted = rejoined(old, promoted).then(() => "demoted");
  while ((await Promise.race([demoted, systemClock.sleep(5)])) !== "demoted") {
    const results = await inbox.ingest([item(`late-${tried++}`)]).catch(() => null);
    outcomes.add(results?.[0]?.outcome ?? "unavailable");
  }
  expect(outcomes).toEqual(new Set(["unavailable"]));
  left.disconnect();

  await traffic.more(5);
  await allReady();
  await traffic.end();
  expect(await histories(redis, fleet, traffic.expected())).toEqual(traffic.expected());
  const texts = await redis.xrange(keysOf("left").inbox, "-", "+");
  expect(texts.filter(([, fields]) => fields.some((field) => field.startsWith("late-")))).toEqual(
    [],
  );
}, 120_000);
