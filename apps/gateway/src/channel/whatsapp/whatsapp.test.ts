import { createHmac } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WHATSAPP_NUMBER, whatsappNotification, whatsappText } from "../testing/vendor-bodies.ts";
import { SECRETS, whatsappRequest } from "../testing/vendor-requests.ts";
import { type Reply, VendorServer } from "../testing/vendor-server.ts";
import { whatsappChannel } from "./whatsapp.ts";

let reply: Reply = { status: 200, body: { messages: [{ id: "wamid.x" }] } };
let api: VendorServer;
beforeAll(async () => {
  api = await VendorServer.start(() => reply);
});
afterAll(() => api.stop());

const channel = (appSecret = [SECRETS.whatsapp]) =>
  whatsappChannel({
    appSecret,
    verifyToken: SECRETS.verifyToken,
    accessToken: "access-token",
    apiBaseUrl: `${api.url}/`,
    apiVersion: "v25.0",
    resend: "repeat",
  });
const understand = (body: object) => channel().understand({}, Buffer.from(JSON.stringify(body)));
const said = (message: object) => understand(whatsappNotification([message]));
const message = (type: string, content: unknown, more: object = {}) => ({
  from: "16505551234",
  id: "wamid.1",
  timestamp: "1",
  type,
  [type]: content,
  ...more,
});

test("only the app's secret over the raw body proves the sender, any of several while one replaces another", () => {
  const { headers, body } = whatsappRequest(whatsappNotification([]));
  const bytes = Buffer.from(body);
  expect(channel().checkHeaders(headers, 0)).toBeNull();
  expect(channel().verify(headers, bytes)).toBeNull();
  expect(channel(["other", SECRETS.whatsapp]).verify(headers, bytes)).toBeNull();
  expect(channel(["other"]).verify(headers, bytes)).toEqual({ code: "signature-invalid" });
  expect(channel().verify(headers, Buffer.from(`${body} `))).toEqual({ code: "signature-invalid" });
  expect(channel().checkHeaders({}, 0)).toEqual({ code: "signature-missing" });
  const hex = headers["x-hub-signature-256"]!.slice("sha256=".length);
  for (const made of [
    "",
    hex,
    `sha1=${hex}`,
    `sha256=${hex}00`,
    `sha256=${hex.slice(2)}`,
    "sha256=",
  ]) {
    expect(channel().verify({ "x-hub-signature-256": made }, bytes)).toEqual({
      code: "signature-invalid",
    });
  }
});

test("Meta signs what it sends, with its own way of escaping: the bytes count, not their meaning", () => {
  const body = '{"object":"whatsapp_business_account","entry":[{"id":"\\u00e4\\/","changes":[]}]}';
  const hex = createHmac("sha256", SECRETS.whatsapp).update(body).digest("hex");
  const headers = { "x-hub-signature-256": `sha256=${hex.toUpperCase()}` };
  expect(channel().verify(headers, Buffer.from(body))).toBeNull();
  expect(channel().understand(headers, Buffer.from(body))).toMatchObject({ id: "ä/", events: [] });
});

test("the address is confirmed only to who knows the verify token", () => {
  const ask = (query: Record<string, string>) => channel().confirm!(new URLSearchParams(query));
  const query = {
    "hub.mode": "subscribe",
    "hub.verify_token": SECRETS.verifyToken,
    "hub.challenge": "1158201444",
  };
  expect(ask(query)).toEqual({ kind: "answer", contentType: "text/plain", body: "1158201444" });
  const code = (made: Record<string, string>) => {
    const understood = ask(made);
    return understood.kind === "refused" ? understood.refusal.code : understood.kind;
  };
  expect(code({ ...query, "hub.verify_token": "wrong" })).toBe("verify-token-invalid");
  expect(code({ ...query, "hub.mode": "unsubscribe" })).toBe("confirmation-invalid");
  for (const challenge of ["", "a b", "<b>\n", "1".repeat(257)]) {
    expect(code({ ...query, "hub.challenge": challenge })).toBe("confirmation-invalid");
  }
  expect(code({})).toBe("confirmation-invalid");
});

test("every message is an event of its own in the session of its number and sender; receipts are dropped", () => {
  const body = whatsappNotification(
    [whatsappText("wamid.1", "16505551234", "one"), whatsappText("wamid.2", "49301234567", "two")],
    [{ id: "wamid.0", status: "delivered", timestamp: "1", recipient_id: "16505551234" }],
  );
  expect(understand(body)).toEqual({
    kind: "events",
    id: "wamid.1",
    events: [
      {
        channel: "whatsapp",
        sessionKey: `whatsapp:${WHATSAPP_NUMBER}:16505551234`,
        eventId: "wamid.1",
        text: "one",
        reply: `{"phone_number_id":"${WHATSAPP_NUMBER}","to":"16505551234","recipient_type":"individual"}`,
        request: null,
      },
      expect.objectContaining({
        sessionKey: `whatsapp:${WHATSAPP_NUMBER}:49301234567`,
        eventId: "wamid.2",
      }),
    ],
  });
  expect(understand(whatsappNotification([], [{ id: "wamid.0", status: "read" }]))).toEqual({
    kind: "events",
    id: "wamid.0",
    events: [],
  });
  expect(
    understand({
      object: "whatsapp_business_account",
      entry: [{ id: "1", changes: [{ field: "account_update", value: { event: "x" } }] }],
    }),
  ).toEqual({ kind: "events", id: "1", events: [] });
});

test("who hides the phone number is known by the user id, a group by its own", () => {
  const hidden = {
    id: "wamid.1",
    type: "text",
    text: { body: "a" },
    from_user_id: "US.1349120865",
  };
  expect(said(hidden)).toMatchObject({
    events: [
      {
        sessionKey: `whatsapp:${WHATSAPP_NUMBER}:US.1349120865`,
        reply: expect.stringContaining('"recipient":"US.1349120865"'),
      },
    ],
  });
  expect(said({ ...hidden, from: "1", group_id: "Y2Fw" })).toMatchObject({
    events: [
      {
        sessionKey: `whatsapp:${WHATSAPP_NUMBER}:Y2Fw`,
        reply: expect.stringContaining('"to":"Y2Fw","recipient_type":"group"'),
      },
    ],
  });
  expect(said({ id: "wamid.1", type: "text", text: { body: "a" } }).kind).toBe("refused");
});

test.each([
  [message("image", { id: "1", caption: "look" }), "[image] look"],
  [message("document", { filename: "a.pdf" }), "[document] a.pdf"],
  [message("audio", { id: "1", voice: true }), "[audio]"],
  [message("button", { text: "Yes", payload: "y" }), "Yes"],
  [message("interactive", { type: "button_reply", button_reply: { id: "1", title: "Go" } }), "Go"],
  [message("interactive", { type: "list_reply", list_reply: { id: "1", title: "Row" } }), "Row"],
  [message("interactive", { nfm_reply: { response_json: '{"a":1}' } }), '[form] {"a":1}'],
  [
    message("location", { latitude: 1.5, longitude: -2, name: "Home", address: "Road 1" }),
    "[location] Home Road 1 (1.5, -2)",
  ],
  [message("contacts", [{ name: { formatted_name: "Bob" } }, {}]), "[contact] Bob"],
  [message("reaction", { emoji: "👍", message_id: "wamid.0" }), null],
  [message("system", { type: "user_changed_number" }), null],
  [message("unsupported", {}, { errors: [{ code: 131_051 }] }), null],
])("what a message holds is said in words, or nothing is answered: %#", (given, text) => {
  expect(said(given)).toMatchObject({
    kind: "events",
    events: text === null ? [] : [{ text }],
  });
});

test("one body holds at most a thousand messages, and nothing of it is stored when one is not whole", () => {
  const many = (count: number) =>
    whatsappNotification(
      Array.from({ length: count }, (_, n) => whatsappText(`wamid.${n}`, "1", "a")),
    );
  expect(understand(many(1_000))).toMatchObject({ kind: "events" });
  expect(understand(many(1_001))).toMatchObject({ refusal: { code: "body-too-large" } });
  for (const id of ["", "i".repeat(257)]) {
    const body = whatsappNotification([whatsappText("ok", "1", "a"), whatsappText(id, "1", "a")]);
    expect(understand(body)).toMatchObject({ refusal: { code: "body-invalid" } });
  }
  expect(said(whatsappText("wamid.1", "", "a")).kind).toBe("refused");
  expect(understand({ object: "page", entry: [] }).kind).toBe("refused");
});

test("an answer goes to the messages API of the number that was written to", async () => {
  const outbound = channel().outbound!;
  const address = '{"phone_number_id":"1065","to":"16505551234","recipient_type":"individual"}';
  const messages = outbound.messages(address, `${"x".repeat(4_096)}y`);
  expect(messages).toHaveLength(2);
  expect(await outbound.send(messages[1]!, new AbortController().signal)).toEqual({ kind: "sent" });
  expect(api.calls.at(-1)).toMatchObject({
    method: "POST",
    path: "/v25.0/1065/messages",
    headers: { authorization: "Bearer access-token" },
    body: {
      messaging_product: "whatsapp",
      recipient_type: "individual",
      to: "16505551234",
      type: "text",
      text: { preview_url: false, body: "y" },
    },
  });
});

test.each([
  ["throughput", 400, { code: 130_429 }, "later"],
  ["pace towards one person", 400, { code: 131_056 }, "later"],
  ["the account's limit", 429, { code: 80_007 }, "later"],
  ["an expired token", 401, { code: 190 }, "later"],
  ["a missing permission", 403, { code: 10 }, "later"],
  ["a number that the token may not use", 400, { code: 100, error_subcode: 33 }, "later"],
  ["an outage", 503, { code: 131_016 }, "later"],
  ["more than 24 hours of silence", 400, { code: 131_047 }, "refused"],
  ["nobody there", 400, { code: 131_026 }, "refused"],
  ["a wrong parameter", 400, { code: 100 }, "refused"],
])("an error is final only where Meta says so: %s", async (_what, status, error, kind) => {
  reply = {
    status,
    body: { error: { message: "(#1) Title", error_data: { details: "why" }, ...error } },
  };
  const outbound = channel().outbound!;
  const [message] = outbound.messages('{"phone_number_id":"1","to":"2"}', "hello");
  expect(await outbound.send(message!, new AbortController().signal)).toMatchObject({
    kind,
    reason: `WhatsApp answered ${status}: (#1) Title: why`,
  });
});
