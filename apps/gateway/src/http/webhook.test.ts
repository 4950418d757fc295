import { request as httpRequest, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { systemClock } from "@chela/shared/clock/system-clock";
import fc from "fast-check";
import { Registry } from "prom-client";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { arbitraryBody } from "../channel/testing/arbitrary-bodies.ts";
import { everyChannel } from "../channel/testing/channels.ts";
import {
  discordAsk,
  slackCallback,
  slackMessage,
  telegramUpdate,
  whatsappNotification,
  whatsappText,
} from "../channel/testing/vendor-bodies.ts";
import {
  discordRequest,
  genericRequest,
  SECRETS,
  type SignedRequest,
  slackRequest,
  telegramRequest,
  whatsappRequest,
} from "../channel/testing/vendor-requests.ts";
import type { InboundEvent, Stored } from "../inbox/event.ts";
import { createServer, type PublicDeps } from "../server.ts";

// Hundreds of requests, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

/** Stands in for Redis: what was stored, each identity once. */
let stored: Map<string, InboundEvent>;
/** Identities that cannot be stored just now. */
let unstorable: Set<string>;
let outcomes: string[];
const errors: unknown[] = [];
let server: Server;

function store(event: InboundEvent): Promise<Stored> {
  const identity = JSON.stringify([event.channel, event.sessionKey, event.eventId]);
  if (unstorable.has(event.eventId)) {
    return Promise.resolve({ outcome: "unavailable", code: "backlog-full" });
  }
  if (stored.has(identity)) return Promise.resolve({ outcome: "duplicate" });
  stored.set(identity, event);
  return Promise.resolve({ outcome: "accepted" });
}

beforeAll(async () => {
  const deps = {
    webhook: {
      gateway: "gw-1",
      channels: everyChannel(),
      bodyBytesMax: 1_048_576,
      clock: systemClock,
      redisNowMs: () => Date.now(),
      store,
      onWebhook: (channel: string, outcome: string) => outcomes.push(`${channel}:${outcome}`),
    },
    registry: new Registry(),
    leaving: () => false,
    onOpen: () => {},
    onError: (error: unknown) => errors.push(error),
  };
  // Webhooks are all that is asked for here.
  server = createServer(deps as unknown as PublicDeps);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => server.close());
beforeEach(() => {
  stored = new Map();
  unstorable = new Set();
  outcomes = [];
});

interface Answer {
  readonly status: number;
  readonly type: string | undefined;
  readonly text: string;
  readonly body: Record<string, unknown>;
}

/** With any headers and any bytes, as no tidy client would send them. */
function ask(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body: string | Buffer = "",
): Promise<Answer> {
  const { port } = server.address() as AddressInfo;
  // Node frames a body by itself only where it expects one.
  const framed = { ...headers, "content-length": String(Buffer.byteLength(body)) };
  const options = { port, host: "127.0.0.1", method, path, headers: framed };
  return new Promise((resolve, reject) => {
    const request = httpRequest(options, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        const type = response.headers["content-type"];
        const json = type === "application/json" && text !== "" ? JSON.parse(text) : {};
        resolve({ status: response.statusCode ?? 0, type, text, body: json });
      });
    });
    request.on("error", reject);
    request.end(body);
  });
}

const post = ({ path, headers, body }: SignedRequest) => ask("POST", path, headers, body);

test("Slack's question is echoed, Discord's PING is answered PONG, and nothing is stored", async () => {
  const challenge = { type: "url_verification", token: "x", challenge: "abc" };
  expect(await post(slackRequest(challenge))).toMatchObject({
    status: 200,
    text: '{"challenge":"abc"}',
  });
  expect(await post(discordRequest({ id: "1", type: 1 }))).toMatchObject({
    status: 200,
    text: '{"type":1}',
  });
  expect(stored.size + outcomes.length).toBe(0);
});

test("WhatsApp's GET gets its challenge as text, from nobody else anything", async () => {
  const query = (token: string) =>
    `/webhooks/whatsapp?hub.mode=subscribe&hub.verify_token=${token}&hub.challenge=42`;
  expect(await ask("GET", query(SECRETS.verifyToken))).toMatchObject({
    status: 200,
    type: "text/plain",
    text: "42",
  });
  expect(await ask("GET", query("wrong"))).toMatchObject({
    status: 401,
    body: { error: { code: "verify-token-invalid" } },
  });
  expect((await ask("GET", "/webhooks/whatsapp")).status).toBe(400);
  expect((await ask("GET", "/webhooks/slack?hub.mode=subscribe")).status).toBe(405);
  expect((await ask("PUT", "/webhooks/whatsapp")).status).toBe(405);
});

test("a Discord command is stored before it is answered `deferred`, also the second time", async () => {
  const request = discordRequest(discordAsk("77", "hi"));
  const deferred = { type: 5, id: "77", gateway: "gw-1" };
  expect((await post(request)).body).toEqual({ ...deferred, status: "accepted" });
  expect((await post(request)).body).toEqual({ ...deferred, status: "duplicate" });
  expect(stored.size).toBe(1);
  unstorable.add("78");
  expect((await post(discordRequest(discordAsk("78", "hi")))).status).toBe(503);
});

test("several messages in one body are deduped each; the answer tells them apart", async () => {
  const text = (n: number) => whatsappText(`wamid.${n}`, "1", "hi");
  await post(whatsappRequest(whatsappNotification([text(1)])));
  const both = await post(whatsappRequest(whatsappNotification([text(1), text(2)])));
  expect(both.body).toEqual({
    status: "accepted",
    id: "wamid.1",
    gateway: "gw-1",
    events: [
      { id: "wamid.1", status: "duplicate" },
      { id: "wamid.2", status: "accepted" },
    ],
  });
  const again = await post(whatsappRequest(whatsappNotification([text(2), text(1)])));
  expect(again.body).toMatchObject({ status: "duplicate" });
  expect(outcomes).toEqual([
    "whatsapp:accepted",
    "whatsapp:duplicate",
    "whatsapp:accepted",
    "whatsapp:duplicate",
    "whatsapp:duplicate",
  ]);
});

test("where one of several cannot be stored the whole body is refused; repeated, the rest gets its chance", async () => {
  const body = whatsappNotification([1, 2].map((n) => whatsappText(`wamid.${n}`, "1", "hi")));
  unstorable.add("wamid.2");
  expect((await post(whatsappRequest(body))).status).toBe(503);
  unstorable.clear();
  const again = await post(whatsappRequest(body));
  expect(again).toMatchObject({ status: 200, body: { status: "accepted" } });
  expect(stored.size).toBe(2);
});

test("a Slack event that was refused is accepted when Slack sends it again, with its retry headers", async () => {
  const request = slackRequest(slackCallback("Ev1", slackMessage("1.1", "hi")));
  unstorable.add("Ev1");
  expect((await post(request)).status).toBe(503);
  unstorable.clear();
  const again = (n: number) =>
    post({
      ...request,
      headers: {
        ...request.headers,
        "x-slack-retry-num": String(n),
        "x-slack-retry-reason": "http_error",
      },
    });
  expect((await again(1)).body).toEqual({ status: "accepted", id: "Ev1", gateway: "gw-1" });
  expect((await again(2)).body).toMatchObject({ status: "duplicate" });
});

test("one mention told twice, in either order, is stored once", async () => {
  for (const [ts, kinds] of [
    ["1.1", ["message", "app_mention"]],
    ["1.2", ["app_mention", "message"]],
  ] as const) {
    const statuses: unknown[] = [];
    for (const [n, type] of kinds.entries()) {
      const event = { ...slackMessage(ts, "<@UBOT> hi"), type };
      statuses.push((await post(slackRequest(slackCallback(`Ev${ts}${n}`, event)))).body["status"]);
    }
    expect(statuses).toEqual(["accepted", "duplicate"]);
  }
  expect(stored.size).toBe(2);
});

test("a receipt is accepted, stores nothing and is not counted as an accepted event", async () => {
  const body = whatsappNotification([], [{ id: "wamid.0", status: "read" }]);
  expect((await post(whatsappRequest(body))).body).toEqual({
    status: "accepted",
    id: "wamid.0",
    gateway: "gw-1",
    ignored: true,
  });
  expect(stored.size).toBe(0);
  expect(outcomes).toEqual(["whatsapp:ignored"]);
});

test("a packed body is refused, also when what is packed was signed", async () => {
  const request = genericRequest("msg_1", { session: "a", text: "b" });
  const headers = { ...request.headers, "content-encoding": "gzip" };
  expect((await post({ ...request, headers })).status).toBe(415);
  expect(stored.size).toBe(0);
});

const SIGN: Readonly<Record<string, (body: string) => SignedRequest>> = {
  generic: (body) => genericRequest("msg_1", body),
  telegram: telegramRequest,
  whatsapp: whatsappRequest,
  slack: slackRequest,
  discord: discordRequest,
};

test("one changed byte, one second's difference or another secret: 401, whatever the channel", async () => {
  const genuine = {
    generic: genericRequest("msg_1", { session: "a", text: "b" }),
    whatsapp: whatsappRequest(whatsappNotification([whatsappText("w", "1", "a")])),
    slack: slackRequest(slackCallback("Ev1", slackMessage("1", "hi"))),
    discord: discordRequest(discordAsk("1", "hi")),
  };
  for (const request of Object.values(genuine)) {
    expect((await post({ ...request, body: `${request.body} ` })).status).toBe(401);
    for (const name of Object.keys(request.headers).filter((name) => name !== "content-type")) {
      const { [name]: value = "", ...others } = request.headers;
      expect((await post({ ...request, headers: others })).status).toBe(401);
      const digit = /\d(?=\D*$)/;
      const changed = value.replace(digit, (found) => String((Number(found) + 1) % 10));
      const headers = { ...others, [name]: changed };
      if (changed !== value) expect((await post({ ...request, headers })).status).toBe(401);
    }
  }
  const { headers, ...telegram } = telegramRequest(telegramUpdate(1, 1, "hi"));
  expect((await post({ ...telegram, headers: {} })).status).toBe(401);
  const wrong = { ...headers, "x-telegram-bot-api-secret-token": `${SECRETS.telegram}x` };
  expect((await post({ ...telegram, headers: wrong })).status).toBe(401);
  expect(stored.size).toBe(0);
});

/** 415 and 431 are the door's. Nothing else, and never a 500. */
const ANSWERS = [200, 400, 401, 404, 405, 413, 415, 431, 503];

test("any bytes under any headers: a status that means something, and no half event", async () => {
  const name = fc.oneof(
    fc.constantFrom(...everyChannel().keys()),
    fc.constantFrom("unknown", "%00", "..", "__proto__", "constructor"),
  );
  const value = fc.stringMatching(/^[\x20-\x7e\x80-\xff]{0,60}$/);
  const framing = /^(content-length|transfer-encoding|host|connection|expect|upgrade|te|trailer)$/i;
  const headers = fc.dictionary(
    fc
      .oneof(
        fc.constantFrom("webhook-id", "x-slack-signature", "x-hub-signature-256", "content-type"),
        fc.stringMatching(/^[a-z-]{1,20}$/),
      )
      .filter((header) => !framing.test(header)),
    value,
    { maxKeys: 6 },
  );
  await fc.assert(
    fc.asyncProperty(
      name,
      headers,
      fc.constantFrom("POST", "GET", "PUT", "HEAD", "DELETE"),
      fc.uint8Array({ maxLength: 300 }),
      async (channel, headers, method, bytes) => {
        const body = Buffer.from(bytes);
        const path = `/webhooks/${encodeURIComponent(channel)}?hub.mode=subscribe`;
        const answer = await ask(method, path, headers, body);
        expect(ANSWERS).toContain(answer.status);
        if (method !== "HEAD") expect(answer.body["error"] ?? answer.body["status"]).toBeDefined();
      },
    ),
    { seed: 20_261_122, numRuns: 400 },
  );
  expect(errors).toEqual([]);
  expect(stored.size).toBe(0);
});

test.each(Object.entries(SIGN))(
  "%s: whatever is rightly signed is stored whole or refused",
  async (name, sign) => {
    await fc.assert(
      fc.asyncProperty(arbitraryBody(name), async (bytes) => {
        const answer = await post(sign(bytes.toString("utf8")));
        expect(ANSWERS).toContain(answer.status);
        for (const event of stored.values()) {
          expect(event.eventId).not.toBe("");
          expect(event.sessionKey.startsWith(`${name}:`)).toBe(true);
        }
        stored.clear();
      }),
      { seed: 20_261_122, numRuns: 150 },
    );
    expect(errors).toEqual([]);
  },
);
