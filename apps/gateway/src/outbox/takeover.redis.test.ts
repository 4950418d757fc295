import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { fleetKeys, shardKeys } from "@chela/shared/keys/keys";
import { shardOf } from "@chela/shared/shard/shard-of";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { startRedis, type TestRedis } from "../../../../e2e/harness/redis-server.ts";
import { until } from "../../../../e2e/harness/wait.ts";
import { GatewayProcess, settingsFor, writeControl } from "../testing/gateway-process.ts";

const SECRET = "the-secret-token-of-setWebhook";
const SESSION = "telegram:7";
let server: TestRedis;
let redis: Redis;
let vendor: Server;
let vendorUrl = "";
/** Texts that the vendor was asked to say, in order, and when. */
let asked: { text: string; atMs: number }[] = [];
/** How the vendor answers; never answers by itself. */
let answer: (response: ServerResponse, text: string) => void = () => {};
let fleet = "";
let runs = 0;
const gateways: GatewayProcess[] = [];

beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
  vendor = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const { text } = JSON.parse(body) as { text: string };
    asked.push({ text, atMs: performance.now() });
    answer(response, text);
  }).listen(0, "127.0.0.1");
  await once(vendor, "listening");
  vendorUrl = `http://127.0.0.1:${(vendor.address() as AddressInfo).port}`;
});
afterAll(async () => {
  vendor.closeAllConnections();
  vendor.close();
  redis.disconnect();
  await server.stop();
});
beforeEach(async () => {
  fleet = `fleet-${++runs}`;
  asked = [];
  await writeControl(redis, fleet, "gw-1");
});
afterEach(async () => {
  vendor.closeAllConnections();
  await Promise.all(gateways.splice(0).map((gateway) => gateway.end()));
});

const said = (response: ServerResponse) => {
  response.writeHead(200, { "content-type": "application/json" });
  response.end('{"ok":true,"result":{"message_id":1}}');
};
const slowDown = (response: ServerResponse, seconds: number) => {
  const description = `Too Many Requests: retry after ${seconds}`;
  response.writeHead(429, { "content-type": "application/json" });
  response.end(
    JSON.stringify({
      ok: false,
      error_code: 429,
      description,
      parameters: { retry_after: seconds },
    }),
  );
};
const texts = () => asked.map(({ text }) => text);

/** `gw-1` processes, `gw-2` stands by. */
async function pair(resend: "repeat" | "give-up"): Promise<[GatewayProcess, GatewayProcess]> {
  const telegram = { botToken: "1:token", secretToken: SECRET, apiBaseUrl: vendorUrl, resend };
  const settings = settingsFor(server.port, { channels: { telegram } });
  // One after the other: on a loaded machine the standby may be up first, and whoever takes over stays.
  const one = await GatewayProcess.start("gw-1", fleet, settings);
  gateways.push(one);
  await until("an active gateway", async () => (await one.status()).shards.length === 16);
  const two = await GatewayProcess.start("gw-2", fleet, settings);
  gateways.push(two);
  await until("a ready standby", async () => (await two.status()).ready);
  return [one, two];
}

async function say(gateway: GatewayProcess, update: number, text: string): Promise<void> {
  const message = { message_id: update, date: 1, chat: { id: 7, type: "private" }, text };
  const headers = {
    "content-type": "application/json",
    "x-telegram-bot-api-secret-token": SECRET,
  };
  const body = JSON.stringify({ update_id: update, message });
  expect((await gateway.post("/webhooks/telegram", headers, body)).status).toBe(200);
}

const keys = () => shardKeys("openclaw:", fleet, shardOf(SESSION, 16));
const drained = () =>
  until("an empty outbox", async () => {
    const [inbox, outbox] = await Promise.all([
      redis.xlen(keys().inbox),
      redis.xlen(keys().outbox),
    ]);
    return inbox === 0 && outbox === 0;
  });
const dead = async () => (await redis.xrange(keys().dead, "-", "+")).map(([, fields]) => fields);

test.each([
  ["repeat", ["echo: one", "echo: one", "echo: two"], 0],
  ["give-up", ["echo: one", "echo: two"], 1],
] as const)(
  "a gateway killed while the vendor takes its time: %s, and the session goes on in order",
  async (resend, expected, lost) => {
    const [one, two] = await pair(resend);
    answer = () => {};
    await say(one, 1, "one");
    await say(two, 2, "two");
    await until("a send on its way", () => asked.length === 1);
    answer = said;
    one.process.kill("SIGKILL");
    await until("the next reply", () => texts().includes("echo: two"));
    await drained();
    expect(texts()).toEqual(expected);
    const letters = await dead();
    expect(letters).toHaveLength(lost);
    if (lost > 0) expect(letters[0]).toContain("outcome-unknown");
    expect(await redis.exists(keys().claims)).toBe(0);
  },
);

test("a planned hand-over waits for the send on its way: nothing is unknown, nothing is said twice", async () => {
  const [one, two] = await pair("give-up");
  let finish = () => {};
  answer = (response) => {
    finish = () => said(response);
  };
  await say(one, 1, "one");
  await say(one, 2, "two");
  await until("a send on its way", () => asked.length === 1);
  await redis.hset(fleetKeys("openclaw:", fleet).control, {
    preferred: '["gw-2"]',
    generation: 2,
  });
  await until("all shards but the busy one moved", async () => {
    return (await two.status()).shards.length === 15;
  });
  answer = said;
  finish();
  await drained();
  await until("the last shard moved", async () => (await two.status()).shards.length === 16);
  expect(texts()).toEqual(["echo: one", "echo: two"]);
  expect(await dead()).toEqual([]);
});

// ⚑ A pause that outlasts the lease: the process wakes up in the middle of its work and believes that it holds it.
test("a gateway paused past its lease while it waits for its next attempt does not send when it wakes up", async () => {
  const [one, two] = await pair("repeat");
  answer = (response) => {
    answer = said;
    slowDown(response, 1);
    one.process.kill("SIGSTOP");
  };
  await say(two, 1, "one");
  await until("the other one's send", () => asked.length === 2);
  await drained();
  one.process.kill("SIGCONT");
  await until("a gateway that knows", async () => (await one.status()).role === "standby");
  expect(texts()).toEqual(["echo: one", "echo: one"]);
  expect((await two.status()).shards).toHaveLength(16);
});

test("a vendor that asks to wait is left alone for so long, and the replies keep their order", async () => {
  const [one] = await pair("give-up");
  answer = (response) => {
    answer = said;
    slowDown(response, 2);
  };
  for (const n of [1, 2, 3]) await say(one, n, String(n));
  await until("all three", () => asked.length === 4);
  await drained();
  expect(texts()).toEqual(["echo: 1", "echo: 1", "echo: 2", "echo: 3"]);
  expect(asked[1]!.atMs - asked[0]!.atMs).toBeGreaterThanOrEqual(1_990);
  expect(await dead()).toEqual([]);
});
