import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { DEFAULT_KEY_PREFIX, shardKeys } from "@chela/shared/keys/keys";
import { shardOf } from "@chela/shared/shard/shard-of";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import {
  GatewayProcess,
  settingsFor,
  writeControl,
} from "../apps/gateway/src/testing/gateway-process.ts";
import { RedisDeadLetters } from "../apps/web/src/dead-letter/redis-dead-letters.ts";
import { connectRedis } from "../apps/web/src/fleet/redis-connection.ts";
import { startRedis, type TestRedis } from "./harness/redis-server.ts";
import { until } from "./harness/wait.ts";

const SHARDS = 16;
let server: TestRedis;
let redis: ReturnType<typeof connectRedis>;
let letters: RedisDeadLetters;
let fleet = "";
let runs = 0;
const gateways: GatewayProcess[] = [];
const vendors: Server[] = [];

beforeAll(async () => {
  server = await startRedis();
  redis = connectRedis(server.url, "test");
  await once(redis, "ready");
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
beforeEach(async () => {
  fleet = `fleet-${++runs}`;
  letters = new RedisDeadLetters(redis, { keyPrefix: DEFAULT_KEY_PREFIX, fleet }, SHARDS);
  await writeControl(redis, fleet, "gw-1");
});
afterEach(async () => {
  await Promise.all(gateways.splice(0).map((gateway) => gateway.end()));
  for (const vendor of vendors.splice(0)) {
    vendor.closeAllConnections();
    vendor.close();
  }
});

type Answer = (body: Record<string, unknown>, response: ServerResponse) => void;

/** Somebody else's API, over real HTTP. */
async function apiOf(answer: Answer): Promise<string> {
  const vendor = createServer(async (request: IncomingMessage, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    if (body === "") return void response.writeHead(200).end("{}");
    answer(JSON.parse(body) as Record<string, unknown>, response);
  }).listen(0, "127.0.0.1");
  vendors.push(vendor);
  await once(vendor, "listening");
  return `http://127.0.0.1:${(vendor.address() as AddressInfo).port}`;
}

/** An OpenAI-compatible answer, whole or streamed as asked for. */
function complete(response: ServerResponse, stream: boolean, text: string): void {
  const message = { role: "assistant", content: text };
  const choice = { index: 0, finish_reason: "stop" };
  response.writeHead(200, { "content-type": stream ? "text/event-stream" : "application/json" });
  if (!stream) {
    response.end(JSON.stringify({ object: "chat.completion", choices: [{ ...choice, message }] }));
    return;
  }
  const object = "chat.completion.chunk";
  const part = { object, choices: [{ ...choice, finish_reason: null, delta: message }] };
  const end = { object, choices: [{ ...choice, delta: {} }] };
  response.end(`data: ${JSON.stringify(part)}\n\ndata: ${JSON.stringify(end)}\n\ndata: [DONE]\n\n`);
}

async function history(session: string) {
  const { history } = shardKeys(DEFAULT_KEY_PREFIX, fleet, shardOf(session, SHARDS));
  return (await redis.xrange(history(session), "-", "+")).map(([id, fields]) => ({
    epoch: Number(id.split("-")[0]),
    role: fields[fields.indexOf("role") + 1]!,
    text: fields[fields.indexOf("text") + 1]!,
  }));
}

const metric = async (gateway: GatewayProcess, name: string) => {
  const text = await (await fetch(`http://127.0.0.1:${gateway.port}/metrics`)).text();
  return text.split("\n").find((line) => line.startsWith(name)) ?? "";
};

/** Six starts of a gateway, each after a lease had to run out. */
const POISON_TIMEOUT_MS = 240_000;

// ⚑ An event that kills its processor must not kill one gateway after the other for ever.
test(
  "an event that kills every gateway that takes it up is given up, its shard goes on meanwhile, and put back it is answered",
  async () => {
    let current: GatewayProcess | null = null;
    let kills = 0;
    let deadly = true;
    const baseUrl = await apiOf(({ messages, stream }, response) => {
      const { content } = (messages as { content: string }[]).at(-1)!;
      if (deadly && content === "poison") {
        kills += 1;
        current!.process.kill("SIGKILL");
        return;
      }
      complete(response, stream === true, `answer to ${content}`);
    });
    const assistant = { type: "openai", baseUrl: `${baseUrl}/v1`, apiKey: "k", model: "m" };
    const settings = settingsFor(server.port, { assistant });
    const start = async () => {
      current = await GatewayProcess.start("gw-1", fleet, settings);
      gateways.push(current);
      return current;
    };

    const poisoned = "generic:poisoned";
    const shard = shardOf(poisoned, SHARDS);
    const others = Array.from({ length: 300 }, (_, n) => `other-${n}`)
      .filter((name) => shardOf(`generic:${name}`, SHARDS) === shard)
      .slice(0, 5);
    expect(others.length).toBe(5);

    const first = await start();
    await until("an active gateway", async () => (await first.status()).shards.length === SHARDS);
    for (const name of others) await first.send(`${name}-1`, name, "before");
    await first.send("poison", "poisoned", "poison");
    // Each restart as the agent does it: at once, the same container.
    while ((await history(poisoned)).length === 0) {
      const gateway = current!;
      const round = kills;
      const over = await until("a kill or the end", async () => {
        if (kills > round || gateway.process.signalCode !== null) return "killed";
        return (await history(poisoned)).length > 0 && "given up";
      });
      if (over === "given up") break;
      await gateway.exit();
      const next = await start();
      await until("a gateway that listens", async () => (await next.status()).uptimeMs > 0);
      // Events keep coming; whoever accepts them may be killed the next moment.
      for (const name of others) {
        await next.send(`${name}-${kills + 1}`, name, `after ${kills}`).catch(() => null);
      }
    }

    // At most: an attempt also counts where the lease was lost before the assistant was asked.
    expect(kills).toBeLessThanOrEqual(5);
    expect(kills).toBeGreaterThan(1);
    const [user, error] = await history(poisoned);
    expect(user).toMatchObject({ role: "user", text: "poison" });
    expect(error).toMatchObject({ role: "error" });
    for (const name of others) {
      const said = await until("the other session's answers", async () => {
        const all = await history(`generic:${name}`);
        return all.length >= 2 && all;
      });
      expect(said[1]).toMatchObject({ role: "assistant", text: "answer to before" });
      expect(said[1]!.epoch).toBeLessThan(error!.epoch);
    }
    const page = await letters.list({});
    expect(page).toMatchObject({
      items: [
        {
          ...{ shard, kind: "inbox", reason: "attempts-exhausted", session: poisoned },
          ...{ channel: "generic", eventId: "poison", preview: "poison" },
        },
      ],
      total: 1,
    });
    await until("the figures", async () => {
      return (await metric(current!, "chela_gateway_dead_letters ")).endsWith(" 1");
    });
    expect(await metric(current!, "chela_gateway_dead_letters_total")).toBe(
      'chela_gateway_dead_letters_total{kind="inbox",reason="attempts-exhausted"} 1',
    );

    deadly = false;
    await letters.redrive(page.items[0]!);
    await until("its answer", async () => (await history(poisoned)).length === 4);
    expect((await history(poisoned))[3]).toMatchObject({
      role: "assistant",
      text: "answer to poison",
    });
    expect((await letters.list({})).total).toBe(0);
  },
  POISON_TIMEOUT_MS,
);

test("a reply that the vendor refused is sent once an operator puts it back, without waiting for the slow look", async () => {
  let blocked = true;
  const sent: string[] = [];
  const apiBaseUrl = await apiOf(({ text }, response) => {
    const refused = { ok: false, error_code: 403, description: "Forbidden: bot was blocked" };
    response.writeHead(blocked ? 403 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(blocked ? refused : { ok: true, result: { message_id: 1 } }));
    if (!blocked) sent.push(text as string);
  });
  const telegram = { botToken: "1:token", secretToken: "a-secret-token", apiBaseUrl };
  const settings = settingsFor(server.port, { channels: { telegram } });
  const gateway = await GatewayProcess.start("gw-1", fleet, settings);
  gateways.push(gateway);
  await until("an active gateway", async () => (await gateway.status()).shards.length === SHARDS);
  const message = { message_id: 1, date: 1, chat: { id: 7, type: "private" }, text: "hi" };
  const headers = {
    "content-type": "application/json",
    "x-telegram-bot-api-secret-token": "a-secret-token",
  };
  await gateway.post("/webhooks/telegram", headers, JSON.stringify({ update_id: 1, message }));
  const letter = await until("a dead letter", async () => (await letters.list({})).items[0]);
  expect(letter).toMatchObject({ kind: "outbox", reason: "refused", session: "telegram:7" });
  expect(letter.detail).toContain("blocked");
  blocked = false;
  await letters.redrive(letter);
  await until("the reply", () => sent.length === 1, { timeoutMs: 5_000 });
  expect(sent).toEqual(["echo: hi"]);
  const keys = shardKeys(DEFAULT_KEY_PREFIX, fleet, letter.shard);
  await until("an empty outbox", async () => (await redis.exists(keys.claims)) === 0);
  expect((await letters.list({})).total).toBe(0);
});
