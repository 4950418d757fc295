import { rm } from "node:fs/promises";
import { shardKeys } from "@chela/shared/keys/keys";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startRedis, type TestRedis } from "../../../../e2e/harness/redis-server.ts";
import {
  docker,
  gatewaySpec,
  removeFleet,
  standInImages,
  startAgent,
  type TestAgent,
  testFleet,
  until,
} from "../testing/docker-fixtures.ts";

const fleet = testFleet();
const repository = `chela-test/${fleet}`;
const SHARDS = 16;
const leaseOf = (shard: number) => shardKeys("openclaw:", fleet, shard).lease;
let agent: TestAgent;
let server: TestRedis;
let redis: Redis;
let id: string;

const running = () =>
  until("gw-1 to answer", async () => (await agent.gateways.list())[0]?.status ?? null);

async function holdAll(incarnation: string): Promise<void> {
  for (let shard = 0; shard < SHARDS; shard++) {
    const lease = { holder: "gw-1", incarnation, epoch: 1, beat: 1, generation: 1 };
    await redis.hset(leaseOf(shard), lease);
  }
}
const held = async () => {
  const found = await Promise.all(
    Array.from({ length: SHARDS }, (_, shard) => redis.exists(leaseOf(shard))),
  );
  return found.filter((exists) => exists === 1).length;
};

beforeAll(async () => {
  id = (await standInImages(repository))["1"];
  server = await startRedis();
  redis = new Redis(server.url);
  agent = await startAgent(fleet);
  await agent.host.configure({
    ...{ fleet, host: "test", region: null, redisUrl: server.url, keyPrefix: "openclaw:" },
    ...{ shards: SHARDS, network: null },
  });
  await agent.gateways.ensure(gatewaySpec("gw-1", `${repository}:1`, id), null);
});
afterAll(async () => {
  await agent.stop();
  await removeFleet(fleet);
  redis.disconnect();
  await server.stop();
  await docker("rmi", "-f", `${repository}:1`, `${repository}:2`);
  await rm(agent.folder, { recursive: true });
});

test("a killed gateway's leases are free long before they would run out, its successor's are untouched", async () => {
  const { incarnation } = await running();
  await holdAll(incarnation);
  const startMs = performance.now();
  await docker("kill", `${fleet}-gw-1`);
  await until("the leases to be free", async () => ((await held()) === 0 ? true : null));
  const ms = performance.now() - startMs;
  console.log(`leases free ${ms.toFixed(0)} ms after the kill was asked for`);
  expect(ms).toBeLessThan(2_000);

  // The agent has started it again: another incarnation, whose leases are its own.
  const next = await until("the next incarnation", async () => {
    const status = (await agent.gateways.list())[0]?.status ?? null;
    return status !== null && status.incarnation !== incarnation ? status : null;
  });
  await holdAll(next.incarnation);
  for await (const report of agent.watch.observe(AbortSignal.timeout(10_000))) {
    if (report.gateways[0]?.status?.incarnation === next.incarnation) break;
  }
  expect(await held()).toBe(SHARDS);
});

test("an agent that starts anew has its configuration and releases without a console", async () => {
  await agent.stop();
  agent = await startAgent(fleet, agent.folder);
  const { incarnation } = await running();
  await holdAll(incarnation);
  await docker("kill", `${fleet}-gw-1`);
  await until("the leases to be free", async () => ((await held()) === 0 ? true : null));
});
