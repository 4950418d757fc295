import { ChatClient } from "@chela/chat-client/chat-client";
import { browserSurroundings } from "@chela/chat-client/surroundings";
import { shardKeys } from "@chela/shared/keys/keys";
import { shardOf } from "@chela/shared/shard/shard-of";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { startRedis, type TestRedis } from "../../../../e2e/harness/redis-server.ts";
import { until } from "../../../../e2e/harness/wait.ts";
import { GatewayProcess, settingsFor, writeControl } from "../testing/gateway-process.ts";

const TOKEN = "the-client-token-of-this-test";
let server: TestRedis;
let redis: Redis;
let fleet = "";
let runs = 0;
const gateways: GatewayProcess[] = [];
const clients: ChatClient[] = [];

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
  await writeControl(redis, fleet, "gw-1");
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.stop();
  await Promise.all(gateways.splice(0).map((gateway) => gateway.end()));
});

async function started(name: string, latencyMs = 5): Promise<GatewayProcess> {
  const more = { clients: { token: TOKEN }, assistant: { type: "echo", latencyMs } };
  const gateway = await GatewayProcess.start(name, fleet, settingsFor(server.port, more));
  gateways.push(gateway);
  await until("a ready gateway", async () => (await gateway.status()).ready);
  return gateway;
}

/** Connects where `port` says each time, as through an edge. */
function chat(session: string, port: () => number): ChatClient {
  const client = new ChatClient({
    url: "ws://edge/ws",
    session,
    token: TOKEN,
    surroundings: {
      ...browserSurroundings,
      connect: (url) => browserSurroundings.connect(url.replace("edge", `127.0.0.1:${port()}`)),
      explain: async () => null,
    },
  });
  clients.push(client);
  client.start();
  return client;
}

const shown = (client: ChatClient) => client.messages.map(({ role, text }) => `${role}: ${text}`);
const answered = (count: number) =>
  Array.from({ length: count }, (_, n) => [`user: ${n}`, `assistant: echo: ${n}`]).flat();
const drain = (gateway: GatewayProcess, draining: boolean) =>
  gateway.admin("/drain", { method: "POST", body: JSON.stringify({ draining }) });

async function stored(session: string): Promise<string[]> {
  const key = `web:${session}`;
  const keys = shardKeys("openclaw:", fleet, shardOf(key, 16));
  const entries = await redis.xrange(keys.history(key), "-", "+");
  return entries.map(([, fields]) => `${fields[1]}: ${fields[3]}`);
}

test("many chat while gateways are drained, ended and killed in turn: each message answered once, in order, none shown twice", async () => {
  // Whom an edge would find: one that refuses or is gone it passes over before the client hears of it.
  let live = [await started("gw-1"), await started("gw-2")];
  let turn = 0;
  const sessions = Array.from({ length: 20 }, (_, n) => `s${n}`);
  const chats = sessions.map((session) => chat(session, () => live[turn++ % live.length]!.port));
  let count = 0;
  const sayAll = async (rounds: number) => {
    for (let n = 0; n < rounds; n++, count++) {
      for (const client of chats) expect(client.send(String(count))).not.toBeNull();
      // Some wait for an answer, others talk on.
      await until("an answer", () => chats[0]!.messages.length >= 2 * count);
    }
  };
  const [one, two] = live as [GatewayProcess, GatewayProcess];

  await sayAll(5);
  await drain(one, true);
  live = [two];
  await sayAll(5);
  await until("no socket left", async () => (await one.status()).sockets === 0);
  await drain(one, false);
  live = [one, two];
  await sayAll(3);

  two.process.kill("SIGTERM");
  live = [one];
  await sayAll(5);
  expect(await two.exit()).toBe(0);
  live = [one, await started("gw-3")];
  await sayAll(3);

  one.process.kill("SIGKILL");
  const three = live[1]!;
  live = [three];
  await sayAll(5);
  live = [await started("gw-4")];
  await drain(three, true);
  await sayAll(5);

  for (const [n, client] of chats.entries()) {
    await until("every answer", () => client.messages.length >= 2 * count);
    expect(shown(client)).toEqual(answered(count));
    expect(await stored(sessions[n]!)).toEqual(answered(count));
    expect(client.outgoing).toEqual([]);
  }
}, 180_000);

test("a socket is told 1012 when its gateway ends, and the gateway ends soon after", async () => {
  const [one, two] = [await started("gw-1"), await started("gw-2")];
  const closed: number[] = [];
  for (let n = 0; n < 20; n++) {
    const socket = new WebSocket(`ws://127.0.0.1:${one.port}/ws?session=s${n}&token=${TOKEN}`);
    socket.onclose = ({ code }) => closed.push(code);
  }
  await until("all open", async () => (await one.status()).sockets === 20);
  const metrics = await (await fetch(`http://127.0.0.1:${one.port}/metrics`)).text();
  expect(metrics).toContain("chela_gateway_sockets 20");
  one.process.kill("SIGTERM");
  expect(await one.exit()).toBe(0);
  await until("all closed", () => closed.length === 20);
  expect(new Set(closed)).toEqual(new Set([1012]));
  expect((await two.status()).sockets).toBe(0);
  expect(one.output).not.toContain(TOKEN);
  expect(one.output).not.toContain("ExperimentalWarning");
});

test("draining without anybody better, a gateway keeps its sockets and takes new ones", async () => {
  const one = await started("gw-1");
  const client = chat("alice", () => one.port);
  await drain(one, true);
  client.send("0");
  await until("the answer", () => client.messages.length === 2);
  expect((await one.status()).sockets).toBe(1);
  const two = await started("gw-2");
  await until("told to go", async () => (await one.status()).sockets === 0);
  const refused = await fetch(`http://127.0.0.1:${one.port}/ws?session=a&token=${TOKEN}`);
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
  expect((await two.status()).ready).toBe(true);
});

test("both ends of a session at different gateways see the same, also what is being said", async () => {
  const [one, two] = [await started("gw-1", 400), await started("gw-2", 400)];
  const here = chat("alice", () => one.port);
  const there = chat("alice", () => two.port);
  await until("both open", () => [here, there].every((c) => c.connection.kind === "open"));
  const id = here.send("one two three four five six")!;
  const pieces = new Set<string>();
  await until("the answer", () => {
    pieces.add(there.saying(id));
    return there.messages.length === 2;
  });
  for (const piece of pieces) expect("echo: one two three four five six").toContain(piece);
  expect(pieces.size).toBeGreaterThan(2);
  expect(there.saying(id)).toBe("");
  // Who comes later is told what was said before it came.
  const late = chat("alice", () => two.port);
  await until("the history", () => late.messages.length === 2);
  expect(late.messages).toEqual(there.messages);
});

test("Redis killed: what cannot be stored is refused, sent again by the client, and answered once", async () => {
  const one = await started("gw-1");
  const client = chat("alice", () => one.port);
  client.send("0");
  await until("the answer", () => client.messages.length === 2);
  await server.kill();
  for (let n = 1; n <= 3; n++) client.send(String(n));
  await until("not ready", async () => !(await one.status()).ready);
  await server.restart();
  await until("every answer", () => client.messages.length === 8);
  expect(shown(client)).toEqual(answered(4));
});
