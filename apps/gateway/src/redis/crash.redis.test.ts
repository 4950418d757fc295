import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startRedis, type TestRedis } from "../../../../e2e/harness/redis-server.ts";
import { until } from "../../../../e2e/harness/wait.ts";
import { GatewayProcess, settingsFor, writeControl } from "../testing/gateway-process.ts";
import { histories, SteadyTraffic } from "../testing/steady-traffic.ts";

const FLEET = "chela";
let server: TestRedis;
let redis: Redis;
let gateways: GatewayProcess[] = [];

beforeAll(async () => {
  // Its append-only file is synced at every write.
  server = await startRedis();
  redis = new Redis(server.url);
  redis.on("error", () => {});
  await writeControl(redis, FLEET, "gw-1");
  const settings = settingsFor(server.port);
  gateways = await Promise.all(
    ["gw-1", "gw-2"].map((gateway) => GatewayProcess.start(gateway, FLEET, settings)),
  );
});
afterAll(async () => {
  await Promise.all(gateways.map((gateway) => gateway.end()));
  redis.disconnect();
  await server.stop();
});

test("a single Redis killed and restarted three times under load: nothing accepted is lost or doubled, order holds", async () => {
  await until("both ready", async () =>
    (await Promise.all(gateways.map((gateway) => gateway.status()))).every(({ ready }) => ready),
  );
  const traffic = new SteadyTraffic(gateways);
  for (let round = 0; round < 3; round++) {
    await traffic.more(5);
    await server.restart();
  }
  await traffic.more(5);
  await traffic.end();
  expect(await histories(redis, FLEET, traffic.expected())).toEqual(traffic.expected());
}, 120_000);
