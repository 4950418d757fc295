import { afterAll, beforeAll, expect, test } from "vitest";
import { DISCORD_APPLICATION, discordAsk, discordInteraction } from "../testing/vendor-bodies.ts";
import { DISCORD_PUBLIC_KEY, discordRequest } from "../testing/vendor-requests.ts";
import { type Reply, VendorServer } from "../testing/vendor-server.ts";
import { discordChannel } from "./discord.ts";
import { ed25519Key, signatureMatches } from "./ed25519.ts";

let reply: Reply = { status: 200 };
let api: VendorServer;
beforeAll(async () => {
  api = await VendorServer.start(() => reply);
});
afterAll(() => api.stop());

const NOW_MS = 1_790_000_000_000;
const channel = (ageMs = 60_000, resend: "repeat" | "give-up" = "repeat") =>
  discordChannel(
    { publicKey: DISCORD_PUBLIC_KEY, apiBaseUrl: `${api.url}/api/v10/`, resend },
    () => NOW_MS + ageMs,
  );
const understand = (body: object) => {
  const { headers, body: text } = discordRequest(body, NOW_MS);
  return channel().understand(headers, Buffer.from(text));
};

test("the vectors of RFC 8032 are verified, the timestamp being part of what is signed", () => {
  // 7.1, test 3: the message is af82.
  const key = ed25519Key("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025")!;
  const signature =
    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a";
  expect(signatureMatches(key, "", Buffer.from("af82", "hex"), signature)).toBe(true);
  expect(signatureMatches(key, "\u00af", Buffer.from("82", "hex"), signature)).toBe(true);
  expect(signatureMatches(key, "1", Buffer.from("af82", "hex"), signature)).toBe(false);
});

test("Discord tries the check out with wrong signatures: every one is refused, none throws", () => {
  const { headers, body } = discordRequest({ type: 1 }, NOW_MS);
  expect(channel().checkHeaders(headers, NOW_MS)).toBeNull();
  expect(channel().verify(headers, Buffer.from(body))).toBeNull();
  const right = headers["x-signature-ed25519"]!;
  const flipped = (right[0] === "0" ? "1" : "0") + right.slice(1);
  for (const made of [flipped, right.slice(2), `${right}00`, "", "zz", "0".repeat(128)]) {
    const forged = { ...headers, "x-signature-ed25519": made };
    expect(channel().verify(forged, Buffer.from(body))).toEqual({ code: "signature-invalid" });
  }
  const later = { ...headers, "x-signature-timestamp": String(NOW_MS / 1_000 + 1) };
  expect(channel().verify(later, Buffer.from(body))).toEqual({ code: "signature-invalid" });
  expect(channel().checkHeaders({}, NOW_MS)?.code).toBe("signature-missing");
  expect(channel().checkHeaders(headers, NOW_MS + 301_000)?.code).toBe("timestamp-invalid");
});

test("what is no public key is no public key, placeholders least of all", () => {
  for (const hex of ["", "abc", "g".repeat(64), "0".repeat(64), `01${"0".repeat(62)}`]) {
    expect(ed25519Key(hex)).toBeNull();
  }
  expect(ed25519Key(DISCORD_PUBLIC_KEY.toUpperCase())).not.toBeNull();
});

test("PING is answered PONG, suggestions are none, nothing is stored", () => {
  expect(understand({ id: "1", type: 1 })).toMatchObject({ kind: "answer", body: '{"type":1}' });
  expect(understand(discordInteraction("1", 4, {}))).toMatchObject({
    kind: "answer",
    body: '{"type":8,"data":{"choices":[]}}',
  });
});

test("a command belongs to its user's session in its channel and is answered `deferred`", () => {
  expect(understand(discordAsk("786008729715212338", "hello"))).toEqual({
    kind: "events",
    id: "786008729715212338",
    also: { type: 5 },
    events: [
      {
        channel: "discord",
        sessionKey: "discord:645027906669510667:53908232506183680",
        eventId: "786008729715212338",
        text: "hello",
        reply: `{"application":"${DISCORD_APPLICATION}","token":"token-of-786008729715212338","at":${NOW_MS / 1_000}}`,
        request: null,
      },
    ],
  });
  const { member: _, ...direct } = discordAsk("1", "hi") as Record<string, unknown>;
  expect(understand({ ...direct, user: { id: "77" } })).toMatchObject({
    events: [{ sessionKey: "discord:645027906669510667:77" }],
  });
});

const text = (value: string, name = "question") => ({ name, type: 3, value });
test.each([
  [2, { name: "help" }, "/help"],
  [2, { name: "ask", options: [text("why?")] }, "why?"],
  [
    2,
    { name: "say", options: [text("a", "x"), { name: "n", type: 4, value: 3 }] },
    "/say x: a n: 3",
  ],
  [
    2,
    { name: "list", options: [{ name: "add", type: 1, options: [text("milk", "item")] }] },
    "/list add item: milk",
  ],
  [
    2,
    {
      name: "a",
      options: [{ name: "b", type: 2, options: [{ name: "c", type: 1, options: [] }] }],
    },
    "/a b c",
  ],
  [
    2,
    { type: 2, name: "Wave", target_id: "9", resolved: { users: { 9: { username: "bob" } } } },
    "/Wave @bob",
  ],
  [
    2,
    { type: 3, name: "Sum up", target_id: "9", resolved: { messages: { 9: { content: "long" } } } },
    "/Sum up long",
  ],
  [3, { custom_id: "pick", values: ["a", "b"] }, "[pick] a b"],
  [3, { custom_id: "go", component_type: 2 }, "[go]"],
  [
    5,
    {
      custom_id: "form",
      components: [
        { type: 1, components: [{ custom_id: "name", value: "Ann" }] },
        { type: 18, component: { custom_id: "size", values: ["s", "m"] } },
        { type: 18, component: { custom_id: "empty", value: "" } },
      ],
    },
    "[form] name: Ann size: s, m",
  ],
])("what was done is said in words: %#", (type, data, said) => {
  expect(understand(discordInteraction("1", type, data))).toMatchObject({
    events: [{ text: said }],
  });
});

test("what has no user, no channel or no usable token is no interaction; a new kind is let pass", () => {
  const whole = discordAsk("1", "hi") as Record<string, unknown>;
  for (const without of ["member", "channel_id", "token", "id", "application_id"]) {
    const { [without]: _, ...rest } = whole;
    expect(understand(rest).kind).toBe("refused");
  }
  for (const token of ["", "..", "a b", "t".repeat(1_025)]) {
    expect(understand({ ...whole, token }).kind).toBe("refused");
  }
  expect(understand({ ...whole, id: "" }).kind).toBe("refused");
  expect(understand({ ...whole, member: { user: { id: "" } } }).kind).toBe("refused");
  expect(understand({ ...whole, application_id: "../1" }).kind).toBe("refused");
  expect(understand({ ...whole, type: 99 })).toEqual({ kind: "events", id: "1", events: [] });
});

const ADDRESS = JSON.stringify({ application: "1", token: "a/b", at: NOW_MS / 1_000 });

test("the first part takes the place of `is thinking`, the others follow, and nobody is called", async () => {
  const outbound = channel().outbound!;
  const messages = outbound.messages(ADDRESS, `${"x".repeat(2_000)}@everyone`);
  for (const message of messages) {
    expect(await outbound.send(message, new AbortController().signal)).toEqual({ kind: "sent" });
  }
  const silent = { parse: [] };
  expect(api.calls.slice(-2)).toMatchObject([
    {
      method: "PATCH",
      path: "/api/v10/webhooks/1/a%2Fb/messages/@original",
      body: { content: "x".repeat(2_000), allowed_mentions: silent },
    },
    {
      method: "POST",
      path: "/api/v10/webhooks/1/a%2Fb",
      body: { content: "@everyone", allowed_mentions: silent },
    },
  ]);
  expect(outbound.messages(ADDRESS, " ")).toHaveLength(1);
});

test("an edit may always be repeated, a further message as the operator chose", () => {
  const [first, second] = channel().outbound!.messages(ADDRESS, "x".repeat(2_001));
  const decided = (resend: "repeat" | "give-up") =>
    [first, second].map((message) => channel(0, resend).outbound!.resend(message!));
  expect(decided("repeat")).toEqual(["repeat", "repeat"]);
  expect(decided("give-up")).toEqual(["repeat", "give-up"]);
});

test("after 15 minutes nothing is sent any more, and the reason is said", async () => {
  const before = api.calls.length;
  const outbound = channel(15 * 60_000 + 1).outbound!;
  const [message] = outbound.messages(ADDRESS, "hello");
  expect(await outbound.send(message!, new AbortController().signal)).toMatchObject({
    kind: "refused",
    reason: expect.stringContaining("15 minutes"),
  });
  expect(api.calls).toHaveLength(before);
});

test.each([
  [
    60_000,
    { status: 404, body: { code: 10_015, message: "Unknown Webhook" } },
    { kind: "refused" },
  ],
  // An answer quicker than our own "deferred".
  [
    200,
    { status: 404, body: { code: 10_015, message: "Unknown Webhook" } },
    { kind: "later", retryAfterMs: 500 },
  ],
  [60_000, { status: 401, body: { code: 50_027 } }, { kind: "refused" }],
  [60_000, { status: 400, body: { code: 50_035 } }, { kind: "refused" }],
  [
    60_000,
    { status: 429, body: { retry_after: 0.345, global: false }, headers: { "retry-after": "1" } },
    { kind: "later", retryAfterMs: 345 },
  ],
  [
    60_000,
    { status: 429, body: "", headers: { "retry-after": "2" } },
    { kind: "later", retryAfterMs: 2_000 },
  ],
  [60_000, { status: 500, body: "" }, { kind: "later", retryAfterMs: null }],
])("Discord's errors: %#", async (ageMs, given, sent) => {
  reply = given;
  const outbound = channel(ageMs).outbound!;
  const [message] = outbound.messages(ADDRESS, "hello");
  expect(await outbound.send(message!, new AbortController().signal)).toMatchObject(sent);
});
