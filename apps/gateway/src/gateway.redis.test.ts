import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { shardKeys } from "@chela/shared/keys/keys";
import { shardOf } from "@chela/shared/shard/shard-of";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { startRedis, type TestRedis } from "../../../e2e/harness/redis-server.ts";
import { until } from "../../../e2e/harness/wait.ts";
import { signWebhook } from "../../../scripts/fleet/signed-webhook.ts";
import {
  type Body,
  GatewayProcess,
  settingsFor,
  WEBHOOK_SECRET,
  writeControl,
} from "./testing/gateway-process.ts";

let server: TestRedis;
let redis: Redis;
let fleet = "";
let runs = 0;
const gateways: GatewayProcess[] = [];

beforeAll(async () => {
  server = await startRedis({ "enable-debug-command": "yes" });
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
  await Promise.all(gateways.splice(0).map((gateway) => gateway.end()));
});

async function started(name: string, more: object = {}): Promise<GatewayProcess> {
  const gateway = await GatewayProcess.start(name, fleet, settingsFor(server.port, more));
  gateways.push(gateway);
  return gateway;
}

async function active(gateway: GatewayProcess): Promise<void> {
  await until("an active gateway", async () => (await gateway.status()).shards.length === 16);
}

async function ready(gateway: GatewayProcess): Promise<void> {
  await until("a ready gateway", async () => (await gateway.status()).ready);
}

/** What stands in a session: `user: text`, `assistant: text`, … */
async function messages(session: string): Promise<string[]> {
  const key = `generic:${session}`;
  const keys = shardKeys("openclaw:", fleet, shardOf(key, 16));
  const entries = await redis.xrange(keys.history(key), "-", "+");
  return entries.map(([, fields]) => `${fields[1]}: ${fields[3]}`);
}

const answered = (count: number) =>
  Array.from({ length: count }, (_, n) => [`user: ${n}`, `assistant: echo: ${n}`]).flat();

test("a signed webhook is answered in its session; repeated, also elsewhere, it is a duplicate", async () => {
  const [one, two] = [await started("gw-1"), await started("gw-2")];
  await Promise.all([active(one), ready(two)]);
  expect(await two.send("e1", "alice", "hello")).toMatchObject({
    status: 200,
    body: { status: "accepted", id: "e1", gateway: "gw-2" },
  });
  expect((await one.send("e1", "alice", "hello")).body).toMatchObject({ status: "duplicate" });
  await until("the reply", async () => (await messages("alice")).length === 2);
  expect(await messages("alice")).toEqual(["user: hello", "assistant: echo: hello"]);
  expect(await two.status()).toMatchObject({ role: "standby", shards: [] });
  const minutes = () => redis.keys(`openclaw:{${fleet}}:counts:*`);
  await until("the counts", async () => {
    const hashes = await Promise.all((await minutes()).map((key) => redis.hgetall(key)));
    const sum = (field: string) => hashes.reduce((all, hash) => all + Number(hash[field] ?? 0), 0);
    return sum("generic:accepted") === 1 && sum("generic:duplicate") === 1;
  });
});

test("the active gateway killed under load: every accepted message once and in order", async () => {
  const [one, two] = [
    await started("gw-1", { assistant: { type: "echo", latencyMs: 5 } }),
    await started("gw-2", { assistant: { type: "echo", latencyMs: 5 } }),
  ];
  await Promise.all([active(one), ready(two)]);
  const sessions = Array.from({ length: 20 }, (_, n) => `s${n}`);
  const rounds = 40;
  await Promise.all(
    sessions.map(async (session, index) => {
      for (let n = 0; n < rounds; n++) {
        if (index === 0 && n === rounds / 2) one.process.kill("SIGKILL");
        // As an edge would: to either, and to the other one when that fails.
        await until(`${session} ${n} accepted`, async () => {
          for (const gateway of (n + index) % 2 === 0 ? [one, two] : [two, one]) {
            const answer = await gateway
              .send(`${session}-${n}`, session, String(n))
              .catch(() => null);
            if (answer?.status === 200) return true;
          }
          return false;
        });
      }
    }),
  );
  await until("every answer", async () => {
    const all = await Promise.all(sessions.map(messages));
    return all.every((list) => list.length >= 2 * rounds);
  });
  for (const session of sessions) expect(await messages(session)).toEqual(answered(rounds));
  await active(two);
});

test("told to end, the active one hands over, loses nothing, and exits with 0", async () => {
  const [one, two] = [await started("gw-1"), await started("gw-2")];
  await Promise.all([active(one), ready(two)]);
  let done = false;
  let failed = 0;
  const traffic = (async () => {
    let n = 0;
    for (; !done; n++) {
      const answer = await one.send(`e${n}`, "alice", String(n)).catch(() => null);
      if (answer?.status !== 200) {
        failed += 1;
        expect((await two.send(`e${n}`, "alice", String(n))).status).toBe(200);
      }
    }
    return n;
  })();
  await until("some answers", async () => (await messages("alice")).length > 20);
  one.process.kill("SIGTERM");
  expect(await one.exit()).toBe(0);
  await active(two);
  done = true;
  const sent = await traffic;
  await until("every answer", async () => (await messages("alice")).length === 2 * sent);
  expect(await messages("alice")).toEqual(answered(sent));
  expect(failed).toBeGreaterThan(0);
});

test("Redis killed: 503 with Retry-After and the reason; back again, everything goes on by itself", async () => {
  const gateway = await started("gw-1");
  await active(gateway);
  await gateway.send("before", "alice", "0");
  await server.kill();
  const refused = await gateway.send("during", "alice", "1");
  expect(refused).toMatchObject({ status: 503, body: { error: { code: "redis-unreachable" } } });
  expect(refused.headers.get("retry-after")).toBe("1");
  await until("not ready", async () => !(await gateway.status()).ready);
  expect((await gateway.status()).reasons.join()).toContain("redis-unreachable");
  expect((await fetch(`http://127.0.0.1:${gateway.port}/readyz`)).status).toBe(503);
  expect((await fetch(`http://127.0.0.1:${gateway.port}/healthz`)).status).toBe(200);
  await server.restart();
  await until("accepted", async () => (await gateway.send("during", "alice", "1")).status === 200);
  await until("both answers", async () => (await messages("alice")).length === 4);
  expect(await messages("alice")).toEqual(answered(2));
});

test("Redis hangs: every webhook is answered within 0.8 s, and none that was refused is lost or doubled", async () => {
  const gateway = await started("gw-1");
  await active(gateway);
  const sleeping = redis.call("DEBUG", "SLEEP", "2");
  await until("a refusal", async () => {
    const sentAtMs = performance.now();
    const { status } = await gateway.send("e0", "alice", "0");
    expect(performance.now() - sentAtMs).toBeLessThan(800);
    return status === 503;
  });
  await sleeping;
  await until("accepted", async () => (await gateway.send("e0", "alice", "0")).status === 200);
  await active(gateway);
  await gateway.send("e1", "alice", "1");
  await until("both answers", async () => (await messages("alice")).length === 4);
  expect(await messages("alice")).toEqual(answered(2));
});

test("the active gateway paused beyond its lease commits nothing afterwards and stands by", async () => {
  const slow = { assistant: { type: "echo", latencyMs: 300 } };
  const [one, two] = [await started("gw-1", slow), await started("gw-2", slow)];
  await Promise.all([active(one), ready(two)]);
  for (let n = 0; n < 5; n++) await one.send(`e${n}`, "alice", String(n));
  await until("a turn in flight", async () => (await one.status()).inFlight === 1);
  one.process.kill("SIGSTOP");
  await active(two);
  await until("every answer", async () => (await messages("alice")).length === 10);
  one.process.kill("SIGCONT");
  await until("its step back", async () => (await one.status()).role === "standby");
  await two.send("e5", "alice", "5");
  await until("the next answer", async () => (await messages("alice")).length === 12);
  expect(await messages("alice")).toEqual(answered(6));
});

test("Redis down at the start: stays up, not ready, and joins by itself", async () => {
  await server.kill();
  const gateway = await started("gw-1");
  await until("an answer", async () => (await gateway.send("e", "alice", "0")).status === 503);
  expect((await gateway.status()).ready).toBe(false);
  await server.restart();
  await ready(gateway);
  expect((await gateway.send("e", "alice", "0")).status).toBe(200);
});

test("a wrong Redis password is named as the reason, and taken back once Redis accepts it", async () => {
  await redis.config("SET", "requirepass", "other");
  const gateway = await started("gw-1");
  try {
    await until("the reason", async () => /NOAUTH/.test((await gateway.status()).reasons.join()));
  } finally {
    await redis.config("SET", "requirepass", "");
  }
  await ready(gateway);
});

test("without a control record nothing is accepted; it is taken up once it is there", async () => {
  await redis.del(`openclaw:{${fleet}}:control`);
  const gateway = await started("gw-1");
  await until("the refusal", async () => {
    const answer = await gateway.send("e", "alice", "0");
    return answer.status === 503 && answer.body.error?.code === "fleet-unknown";
  });
  await writeControl(redis, fleet, "gw-1");
  await ready(gateway);
  expect((await gateway.send("e", "alice", "0")).status).toBe(200);
});

test("a Telegram message is answered through sendMessage, once, also when its holder dies before sending", async () => {
  const calls: { chat_id: number; text: string }[] = [];
  let serving = false;
  const api = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (serving) calls.push(JSON.parse(Buffer.concat(chunks).toString()));
    response.writeHead(serving ? 200 : 502).end("{}");
  });
  await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
  const { port } = api.address() as AddressInfo;
  const apiBaseUrl = `http://127.0.0.1:${port}`;
  const telegram = { botToken: "1:t", secretToken: "s", apiBaseUrl };
  const more = { channels: { telegram } };
  const [one, two] = [await started("gw-1", more), await started("gw-2", more)];
  await Promise.all([active(one), ready(two)]);

  const headers = { "x-telegram-bot-api-secret-token": "s" };
  const update = { update_id: 9, message: { message_id: 1, chat: { id: 42 }, text: "hi" } };
  const post = () => two.post("/webhooks/telegram", headers, JSON.stringify(update));
  expect((await post()).body).toMatchObject({ status: "accepted", id: "9" });
  expect((await post()).body).toMatchObject({ status: "duplicate", id: "9" });
  const shard = shardKeys("openclaw:", fleet, shardOf("telegram:42", 16));
  await until("the reply to send", async () => (await redis.xlen(shard.outbox)) === 1);
  one.process.kill("SIGKILL");
  serving = true;
  await until("an empty outbox", async () => (await redis.xlen(shard.outbox)) === 0);
  expect(calls).toEqual([{ chat_id: 42, text: "echo: hi" }]);
  api.close();
});

test("each kind of bad request gets its own answer, and leaves the connection usable", async () => {
  const gateway = await started("gw-1");
  await ready(gateway);
  const { headers, body } = signWebhook(WEBHOOK_SECRET, "e", { session: "a", text: "b" });
  const post = async (path: string, headers: Record<string, string>, body: Body) => {
    const answer = await gateway.post(path, headers, body);
    return [answer.status, answer.body.error?.code];
  };
  expect(await post("/webhooks/generic", headers, `${body} `)).toEqual([401, "signature-invalid"]);
  expect(await post("/webhooks/generic", {}, body)).toEqual([401, "signature-missing"]);
  expect(await post("/webhooks/slack", headers, body)).toEqual([404, "channel-unknown"]);
  expect(await post("/webhooks/generic/x", headers, body)).toEqual([404, "not-found"]);
  expect(await post("/ws", headers, body)).toEqual([426, "upgrade-required"]);
  const old = signWebhook(WEBHOOK_SECRET, "e", { session: "a", text: "b" }, 1_600_000_000);
  expect(await post("/webhooks/generic", old.headers, body)).toEqual([401, "timestamp-invalid"]);
  const noText = signWebhook(WEBHOOK_SECRET, "e", { session: "a" } as never);
  expect(await post("/webhooks/generic", noText.headers, noText.body)).toEqual([
    400,
    "body-invalid",
  ]);
  const large = "x".repeat(1_048_577);
  expect(await post("/webhooks/generic", headers, large)).toEqual([413, "body-too-large"]);
  // The same without a declared length.
  const chunks = new ReadableStream({
    start(controller) {
      for (let n = 0; n < 17; n++) controller.enqueue(new Uint8Array(65_536));
      controller.close();
    },
  });
  expect(await post("/webhooks/generic", headers, chunks)).toEqual([413, "body-too-large"]);
  const get = await fetch(`http://127.0.0.1:${gateway.port}/webhooks/generic`);
  expect([get.status, get.headers.get("allow")]).toEqual([405, "POST"]);
  expect((await gateway.send("e", "a", "b")).status).toBe(200);
  expect(gateway.output).not.toContain(WEBHOOK_SECRET.slice(6));
});

test("the admin port wants its token; draining keeps accepting and can be undone", async () => {
  const [one, two] = [await started("gw-1"), await started("gw-2")];
  await Promise.all([active(one), ready(two)]);
  expect((await one.admin("/status", {}, "wrong")).status).toBe(401);
  const drain = (draining: boolean) =>
    one.admin("/drain", { method: "POST", body: JSON.stringify({ draining }) });
  expect(await (await drain(true)).json()).toMatchObject({ gateway: "gw-1", draining: true });
  await active(two);
  await until("no shards", async () => (await one.status()).shards.length === 0);
  expect(await one.status()).toMatchObject({ role: "draining", ready: true });
  expect((await one.send("e", "alice", "0")).status).toBe(200);
  await until("the reply", async () => (await messages("alice")).length === 2);
  expect(await (await drain(false)).json()).toMatchObject({ draining: false });
  expect((await one.admin("/drain", { method: "POST", body: "{}" })).status).toBe(400);
  expect((await one.admin("/metrics")).status).toBe(200);
  const metrics = await (await fetch(`http://127.0.0.1:${one.port}/metrics`)).text();
  expect(metrics).toContain('chela_gateway_webhooks_total{channel="generic",outcome="accepted"} 1');
});

test("a bad gateway that is hurried away accepts nothing more at once, hands over and ends", async () => {
  const one = await started("gw-1");
  await active(one);
  const two = await started("gw-2");
  await ready(two);
  expect((await one.send("e", "alice", "0")).status).toBe(200);
  await until("the turn to be counted", async () => (await one.status()).counts?.turnsDone === 1);
  expect((await one.status()).counts).toMatchObject({ accepted: 1, faults: 0, turnsFailed: 0 });
  const body = JSON.stringify({ draining: true, urgent: true });
  expect((await one.admin("/drain", { method: "POST", body })).status).toBe(200);
  await expect(fetch(`http://127.0.0.1:${one.port}/healthz`)).rejects.toThrow("fetch failed");
  await active(two);
  expect((await two.send("e", "alice", "1")).status).toBe(200);
  one.process.kill("SIGTERM");
  expect(await one.exit()).toBe(0);
});

test("a faulty configuration: every fault by its path, no value printed, exit 78", async () => {
  const settings = settingsFor(server.port, {
    channels: { generic: { secret: "{{NO_SUCH_SECRET}}" } },
    assistant: { type: "openai", baseUrl: "hunter2-not-a-url", model: "m" },
    sesion: {},
  });
  const gateway = await GatewayProcess.start("gw-1", fleet, settings);
  expect(await gateway.exit()).toBe(78);
  for (const path of ["gateway.channels.generic.secret", "gateway.assistant.baseUrl", "sesion"]) {
    expect(gateway.output).toContain(path);
  }
  expect(gateway.output).toContain("NO_SUCH_SECRET");
  expect(gateway.output).not.toContain("hunter2");
  await gateway.end();
});
