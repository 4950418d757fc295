import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { startRedis, type TestRedis } from "../../../../e2e/harness/redis-server.ts";
import { until } from "../../../../e2e/harness/wait.ts";
import { signBody, signWebhook } from "../../../../scripts/fleet/signed-webhook.ts";
import {
  GatewayProcess,
  settingsFor,
  WEBHOOK_SECRET,
  writeControl,
} from "../testing/gateway-process.ts";
import { RawClient } from "./testing/raw-client.ts";

const MIB = 1_048_576;

let server: TestRedis;
let redis: Redis;
let gateway: GatewayProcess;
const clients: RawClient[] = [];

beforeAll(async () => {
  server = await startRedis({ appendfsync: "no" });
  redis = new Redis(server.url);
  await writeControl(redis, "fleet", "gw-1");
  gateway = await GatewayProcess.start("gw-1", "fleet", settingsFor(server.port));
  await until("an active gateway", async () => (await gateway.status()).shards.length === 16);
});
afterAll(async () => {
  await gateway.end();
  redis.disconnect();
  await server.stop();
});
beforeEach(() => {
  clients.length = 0;
});
afterEach(async () => {
  for (const client of clients) client.end();
  // Whatever came in, the gateway goes on and holds its shards.
  expect((await gateway.send(`after-${Math.random()}`, "calm", "still here?")).status).toBe(200);
  expect((await gateway.status()).shards).toHaveLength(16);
  expect(gateway.output).not.toMatch(/request failed|internal/);
});

function client(options?: { reads?: boolean }): RawClient {
  const made = new RawClient(gateway.port, options);
  clients.push(made);
  return made;
}

/** A signed webhook up to its body. */
function head(id: string, body: string | Buffer, more = ""): string {
  const { headers } = signBody(WEBHOOK_SECRET, id, body.toString());
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST /webhooks/generic HTTP/1.1\r\nHost: a\r\n${lines.join("")}${more}\r\n`;
}

const residentBytes = () =>
  1_024 *
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${gateway.process.pid}/status`, "utf8"))?.[1]);

const stored = async (session: string) => redis.keys(`*history:generic:${session}`);

test("10,000 open connections, silent, dribbling and idle: memory stays bounded and new webhooks are answered", async () => {
  const before = residentBytes();
  const connected: Promise<unknown>[] = [];
  for (let n = 0; n < 10_000; n++) {
    const one = client();
    connected.push(new Promise((resolve) => one.socket.once("connect", resolve)));
    if (n % 3 === 1) one.send("POST /webhooks/generic HTTP/1.1\r\nX-Slow: ");
    if (n % 3 === 2) one.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
    if (n % 500 === 499) await Promise.all(connected);
  }
  await until("all idle ones answered", () =>
    clients.every((one, n) => n % 3 !== 2 || one.received !== ""),
  );
  for (let n = 0; n < 50; n++) {
    expect((await gateway.send(`open-${n}`, "open", String(n))).status).toBe(200);
  }
  expect((residentBytes() - before) / clients.length).toBeLessThan(32_768);
  // The silent and the dribbling are told to go; the idle may stay a while.
  await until("the silent ones gone", () => clients.every((one, n) => n % 3 === 2 || one.isClosed));
  expect(clients.filter((one) => one.isClosed && !one.received.includes(" 408 "))).toEqual([]);
});

test("more large bodies at once than memory is set aside for: 503 with Retry-After for some, none for small ones", async () => {
  const before = residentBytes();
  const large = `{"session":"large","text":"x","more":"${"y".repeat(MIB - 40)}"}`;
  for (let n = 0; n < 150; n++) {
    const one = client().send(head(`large-${n}`, large, `Content-Length: ${large.length}\r\n`));
    one.send(large.slice(0, -1));
  }
  const refused = () => clients.filter((one) => one.codes()[0] === "too-busy");
  // 64 MiB hold 65 of them; whoever finds no room is told so without having sent everything.
  await until("the rest refused", () => refused().length >= 85);
  expect((await gateway.send("small", "small", "x")).status).toBe(200);
  expect(residentBytes() - before).toBeLessThan(256 * MIB);
  for (const one of clients) one.send("}");
  await until("all answered", () => clients.every((one) => one.statuses().length === 1));
  const busy = refused();
  for (const one of busy) expect(one.received).toMatch(/^HTTP\/1\.1 503 .*retry-after: 1/is);
  const accepted = clients.filter((one) => one.statuses()[0] === 200);
  expect(accepted.length + busy.length).toBe(150);
  expect(accepted.length).toBeGreaterThan(0);
  // Sent again, as the providers would, each finds its room.
  const again = await gateway.post(
    "/webhooks/generic",
    signBody(WEBHOOK_SECRET, "large-again", large).headers,
    large,
  );
  expect(again.status).toBe(200);
});

test("a compressed body is never unpacked: 415, whatever it would become", async () => {
  const bomb = gzipSync(Buffer.alloc(100 * MIB), { level: 9 });
  const signed = signWebhook(WEBHOOK_SECRET, "bomb", { session: "bomb", text: "x" });
  for (const encoding of ["gzip", "GZIP", "br", "deflate, gzip", "identity, gzip", "x"]) {
    const one = client().send(
      head("bomb", bomb, `Content-Encoding: ${encoding}\r\nContent-Length: ${bomb.length}\r\n`),
    );
    one.send(bomb);
    await until("an answer", () => one.codes().length === 1);
    expect([one.statuses(), one.codes()]).toEqual([[415], ["encoding-unsupported"]]);
  }
  const transfer = client().send(head("bomb", bomb, "Transfer-Encoding: gzip, chunked\r\n"));
  await until("an answer", () => transfer.codes().length === 1);
  expect(transfer.statuses()).toEqual([415]);
  expect(await stored("bomb")).toEqual([]);
  const plain = client().send(
    head(
      "plain",
      signed.body,
      `Content-Encoding: identity\r\nContent-Length: ${signed.body.length}\r\n`,
    ),
  );
  plain.send(signed.body);
  await until("an answer", () => plain.statuses()[0] === 200);
});

test("chunks without a declared length are counted as they come", async () => {
  const one = client().send(head("chunks", "x", "Transfer-Encoding: chunked\r\n"));
  const chunk = `10000\r\n${"x".repeat(65_536)}\r\n`;
  for (let n = 0; n < 17; n++) one.send(chunk);
  one.send("0\r\n\r\n");
  await until("an answer", () => one.codes().length === 1);
  expect([one.statuses(), one.codes()]).toEqual([[413], ["body-too-large"]]);
});

test("a body broken off, at any place, stores nothing", async () => {
  const { body } = signWebhook(WEBHOOK_SECRET, "x", { session: "broken", text: "x".repeat(500) });
  for (let at = 0; at < body.length; at += 50) {
    for (const length of [`Content-Length: ${body.length}\r\n`, "Transfer-Encoding: chunked\r\n"]) {
      const one = client().send(head(`broken-${at}`, body, length));
      one.send(length.startsWith("T") ? `${body.length.toString(16)}\r\n` : "");
      one.socket.end(body.slice(0, at));
      await one.closed;
      expect(one.statuses()).not.toContain(200);
      expect(one.statuses()).not.toContain(500);
    }
  }
  expect(await stored("broken")).toEqual([]);
});

test("odd paths and methods get their own refusal, and none reaches a channel", async () => {
  const { headers, body } = signWebhook(WEBHOOK_SECRET, "odd", { session: "odd", text: "x" });
  const lines = Object.entries({ ...headers, "content-length": body.length });
  const ask = async (line: string, hosts = ["a"]) => {
    const names = [...hosts.map((host) => ["host", host]), ...lines];
    const one = client().send(`${line} HTTP/1.1\r\n`);
    one.send(`${names.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n${body}`);
    await until("an answer", () => one.statuses().length > 0 || one.isClosed);
    return one.statuses()[0];
  };
  for (const path of [
    "//webhooks/generic",
    "/webhooks//generic",
    "/webhooks/%67eneric",
    "/webhooks/generic/",
    "/webhooks/generic/..",
    "/%2e/webhooks/generic",
    "/./webhooks/generic",
    "/webhooks/%00",
    "/webhooks/__proto__",
    "/webhooks/constructor",
    "*",
    "http://",
    "http://a",
    "ftp://a/webhooks/generic",
    `/webhooks/${"x".repeat(10_000)}`,
  ]) {
    expect([path.slice(0, 40), await ask(`POST ${path}`)]).toEqual([path.slice(0, 40), 404]);
  }
  for (const method of ["OPTIONS", "HEAD", "PUT", "DELETE", "TRACE", "PATCH"]) {
    expect([method, await ask(`${method} /webhooks/generic`)]).toEqual([method, 405]);
  }
  expect(await ask("POST /webhooks/generic", [])).toBe(400);
  expect(await ask("CONNECT a:80")).toBe(undefined);
  expect(await ask("HEAD /healthz")).toBe(200);
  expect(await ask("OPTIONS /healthz")).toBe(405);
  expect(await stored("odd")).toEqual([]);
  // As a forward proxy is asked.
  expect(await ask("POST http://a/webhooks/generic?x#y")).toBe(200);
});

test("whatever bytes come in, nothing is stored and nothing is the gateway's own fault", async () => {
  const { headers, body } = signWebhook(WEBHOOK_SECRET, "fuzz", { session: "fuzz", text: "x" });
  const valid = Buffer.from(
    `POST /webhooks/generic HTTP/1.1\r\nHost: a\r\n${Object.entries(headers)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join("")}Content-Length: ${body.length}\r\n\r\n${body}`,
  );
  // Anything in place of what is signed, or at the start where the request is told.
  const spoilt = fc
    .tuple(fc.nat(valid.length - 1), fc.uint8Array({ minLength: 1, maxLength: 40 }))
    .map(([at, bytes]) => Buffer.concat([valid.subarray(0, at), bytes, valid.subarray(at + 1)]));
  const any = fc.uint8Array({ maxLength: 500 }).map((bytes) => Buffer.from(bytes));
  await fc.assert(
    fc.asyncProperty(fc.oneof(spoilt, any), async (bytes) => {
      const one = new RawClient(gateway.port);
      one.socket.end(bytes);
      await one.closed;
      expect(one.statuses()).not.toContain(500);
      // A change that means nothing (a header's case, a space) leaves a valid request.
      if (one.statuses().includes(200)) expect(one.received).toMatch(/"id":"fuzz"|alive/);
    }),
    { numRuns: 500 },
  );
  const dead = await redis.keys("*:dead");
  expect(dead).toEqual([]);
});
