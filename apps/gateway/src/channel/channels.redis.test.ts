import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { startRedis, type TestRedis } from "../../../../e2e/harness/redis-server.ts";
import { until } from "../../../../e2e/harness/wait.ts";
import { GatewayProcess, settingsFor, writeControl } from "../testing/gateway-process.ts";
import { channelBlocks } from "./testing/channels.ts";
import {
  DISCORD_APPLICATION,
  discordAsk,
  slackCallback,
  slackMessage,
  telegramUpdate,
  WHATSAPP_NUMBER,
  whatsappNotification,
  whatsappText,
} from "./testing/vendor-bodies.ts";
import {
  discordRequest,
  type SignedRequest,
  slackRequest,
  telegramRequest,
  whatsappRequest,
} from "./testing/vendor-requests.ts";
import { type Call, type Reply, VendorServer } from "./testing/vendor-server.ts";

let server: TestRedis;
let redis: Redis;
let fleet = "";
let runs = 0;
let api: VendorServer;
/** What the vendors have taken, in order. */
let taken: string[];
/** Answers of the vendors before they are themselves again. */
let first: Reply[];
let gateway: GatewayProcess;

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
  taken = [];
  first = [];
  await writeControl(redis, fleet, "gw-1");
});
afterEach(async () => {
  await gateway.end();
  await api.stop();
});

interface Vendor {
  /** The event as the vendor delivers it, the n-th of one conversation. */
  readonly event: (n: number, text: string) => SignedRequest;
  /** The same once more, where that looks different. */
  readonly again?: (n: number, text: string) => SignedRequest;
  /** How it says "not so fast". */
  readonly tooFast: Reply;
  /** What it does with a call: the text it took, or how it refuses. */
  readonly take: (call: Call) => { said: string; reply: Reply } | Reply;
}

/** Slowly, so that whatever does not wait for its turn overtakes. */
const ok = { status: 200, body: { ok: true, id: "1" }, delayMs: 100 };
const VENDORS: Readonly<Record<string, Vendor>> = {
  telegram: {
    event: (n, text) => telegramRequest(telegramUpdate(n, 42, text)),
    tooFast: { status: 429, body: { ok: false, error_code: 429, parameters: { retry_after: 1 } } },
    take: ({ path, body }) =>
      path === "/bot1:abc/sendMessage" && body["chat_id"] === 42
        ? { said: String(body["text"]), reply: ok }
        : { status: 400, body: { ok: false, description: "Bad Request: chat not found" } },
  },
  whatsapp: {
    // The event before comes along once more, with a receipt: Meta puts together what it has.
    event: (n, text) =>
      whatsappRequest(
        whatsappNotification(
          [
            ...(n > 1 ? [whatsappText(`wamid.${n - 1}`, "16505551234", "once more")] : []),
            whatsappText(`wamid.${n}`, "16505551234", text),
          ],
          [{ id: "wamid.out", status: "delivered", recipient_id: "16505551234" }],
        ),
      ),
    tooFast: {
      status: 429,
      body: { error: { code: 130_429, message: "(#130429) Rate limit hit" } },
    },
    take: ({ path, headers, body }) =>
      path === `/v25.0/${WHATSAPP_NUMBER}/messages` &&
      headers.authorization === "Bearer access-token" &&
      body["to"] === "16505551234"
        ? { said: (body["text"] as { body: string }).body, reply: ok }
        : { status: 400, body: { error: { code: 100, message: "Invalid parameter" } } },
  },
  slack: {
    event: (n, text) => slackRequest(slackCallback(`Ev${n}`, slackMessage(`1.${n}`, text))),
    // A mention is told twice, under an event id each.
    again: (n, text) => {
      const mention = { ...slackMessage(`1.${n}`, text), type: "app_mention" };
      return slackRequest(slackCallback(`Ev${n}-mention`, mention));
    },
    tooFast: {
      status: 429,
      headers: { "retry-after": "1" },
      body: { ok: false, error: "ratelimited" },
    },
    take: ({ path, body }) =>
      path === "/api/chat.postMessage" && body["channel"] === "C123ABC456"
        ? { said: String(body["text"]), reply: ok }
        : { status: 200, body: { ok: false, error: "channel_not_found" } },
  },
  discord: {
    event: (n, text) => discordRequest(discordAsk(String(n), text)),
    tooFast: { status: 429, body: { message: "You are being rate limited.", retry_after: 0.2 } },
    take({ method, path, body }) {
      const found = new RegExp(
        `^/api/v10/webhooks/${DISCORD_APPLICATION}/token-of-(\\d+)(.*)$`,
      ).exec(path);
      const how = found?.[2] === "/messages/@original" ? "PATCH" : "POST";
      return found !== null && method === how
        ? { said: String(body["content"]), reply: ok }
        : { status: 404, body: { code: 10_015, message: "Unknown Webhook" } };
    },
  },
};

async function begin({ take }: Vendor): Promise<void> {
  api = await VendorServer.start((call) => {
    const instead = first.shift();
    if (instead !== undefined) return instead;
    const came = take(call);
    if (typeof came === "string" || !("said" in came)) return came;
    taken.push(came.said);
    return came.reply;
  });
  const { generic: _, ...channels } = channelBlocks(api.url);
  gateway = await GatewayProcess.start("gw-1", fleet, settingsFor(server.port, { channels }));
}

/** As every vendor but Discord does: again, until it is taken. */
function deliver({ path, headers, body }: SignedRequest): Promise<Record<string, unknown>> {
  return until(`a 2xx for ${body}`, async () => {
    const answer = await gateway.post(path, headers, body);
    return answer.status === 200 && (answer.body as Record<string, unknown>);
  });
}

test.each(Object.entries(VENDORS))(
  "%s: every event is answered once and in order, through retries, repeats, forgeries and a 429",
  async (name, vendor) => {
    await begin(vendor);
    first.push(vendor.tooFast);
    const demanded = name === "discord" ? { type: 5 } : {};
    // The gateway is still starting: the vendor is not heard at once.
    const texts = [1, 2, 3].map((n) => `<@UBOT> message ${n}`);
    for (const [index, text] of texts.entries()) {
      expect(await deliver(vendor.event(index + 1, text))).toMatchObject({
        status: "accepted",
        gateway: "gw-1",
        ...demanded,
      });
    }
    // Late repeats, out of order, and somebody who knows the address but no secret.
    for (const n of [3, 1, 2]) {
      for (const once of [vendor.event, vendor.again ?? vendor.event]) {
        expect(await deliver(once(n, texts[n - 1]!))).toMatchObject({
          status: "duplicate",
          ...demanded,
        });
      }
    }
    const { path, body } = vendor.event(4, "forged");
    const forged = await gateway.post(path, { "content-type": "application/json" }, body);
    expect(forged).toMatchObject({ status: 401, body: { error: { code: "signature-missing" } } });
    await until("every reply", () => taken.length === 3);
    // The next one is behind them in the same session: were a reply to come twice, it would have come before.
    await deliver(vendor.event(5, "the last one"));
    await until("the last reply", () => taken.some((said) => said.includes("the last one")));
    const escaped = (text: string) =>
      name === "slack" ? text.replaceAll("<", "&lt;").replaceAll(">", "&gt;") : text;
    const last = name === "whatsapp" ? ["echo: once more"] : [];
    expect(taken).toEqual([
      ...texts.map((text) => `echo: ${escaped(text)}`),
      ...last,
      "echo: the last one",
    ]);
  },
);

test.each(Object.entries(VENDORS))(
  "%s: a long answer arrives whole and in order, though the vendor is slow and fails in between",
  async (_name, vendor) => {
    await begin(vendor);
    first.push({ status: 503, body: "" });
    const words = Array.from({ length: 1_800 }, (_, n) => `word-${n}`).join(" ");
    await deliver(vendor.event(1, words));
    await until("the end of it", () => taken.some((said) => said.includes("word-1799")));
    expect(taken.length).toBeGreaterThan(1);
    expect(taken.join(" ").replace(/\s+/g, " ")).toBe(`echo: ${words}`);
    expect(api.calls).toHaveLength(taken.length + 1);
  },
);
