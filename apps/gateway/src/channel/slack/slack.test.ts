import { afterAll, beforeAll, expect, test } from "vitest";
import { slackCallback, slackMessage } from "../testing/vendor-bodies.ts";
import { SECRETS, slackRequest } from "../testing/vendor-requests.ts";
import { type Reply, VendorServer } from "../testing/vendor-server.ts";
import { slackChannel } from "./slack.ts";

let reply: Reply = { status: 200, body: { ok: true } };
let api: VendorServer;
beforeAll(async () => {
  api = await VendorServer.start(() => reply);
});
afterAll(() => api.stop());

const NOW_MS = 1_790_000_000_000;
const channel = (signingSecret = [SECRETS.slack]) =>
  slackChannel({
    signingSecret,
    botToken: "xoxb-1",
    apiBaseUrl: `${api.url}/api/`,
    resend: "repeat",
  });
const understand = (body: object) => channel().understand({}, Buffer.from(JSON.stringify(body)));

test("the example in Slack's documentation is verified, and not a byte of it may change", () => {
  // https://docs.slack.dev/authentication/verifying-requests-from-slack
  const body =
    "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
  const headers = {
    "x-slack-request-timestamp": "1531420618",
    "x-slack-signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
  };
  const documented = channel(["8f742231b10e8888abcd99yyyzzz85a5"]);
  expect(documented.checkHeaders(headers, 1_531_420_618_000)).toBeNull();
  expect(documented.verify(headers, Buffer.from(body))).toBeNull();
  const forged = { code: "signature-invalid" };
  expect(documented.verify(headers, Buffer.from(`${body}&`))).toEqual(forged);
  const later = { ...headers, "x-slack-request-timestamp": "1531420619" };
  expect(documented.verify(later, Buffer.from(body))).toEqual(forged);
  expect(channel().verify(headers, Buffer.from(body))).toEqual(forged);
});

test("a request older or newer than five minutes is refused before its body is read", () => {
  const { headers } = slackRequest("{}", NOW_MS);
  expect(channel().checkHeaders(headers, NOW_MS + 300_000)).toBeNull();
  expect(channel().checkHeaders(headers, NOW_MS - 300_000)).toBeNull();
  expect(channel().checkHeaders(headers, NOW_MS + 301_000)?.code).toBe("timestamp-invalid");
  expect(channel().checkHeaders(headers, NOW_MS - 301_000)?.code).toBe("timestamp-invalid");
  for (const name of ["x-slack-request-timestamp", "x-slack-signature"]) {
    expect(channel().checkHeaders({ ...headers, [name]: "" }, NOW_MS)?.code).toBe(
      "signature-missing",
    );
  }
});

test("the challenge of url_verification is echoed, nothing is stored", () => {
  const body = { token: "x", challenge: "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P" };
  expect(understand({ ...body, type: "url_verification" })).toEqual({
    kind: "answer",
    contentType: "application/json",
    body: JSON.stringify({ challenge: body.challenge }),
  });
  expect(understand({ ...body, type: "url_verification", challenge: "" }).kind).toBe("refused");
});

test("a message belongs to its channel's session, in a thread to the thread's, and is answered there", () => {
  const text = "a &lt;b&gt; &amp;amp; c";
  expect(understand(slackCallback("Ev1", slackMessage("1.1", text)))).toEqual({
    kind: "events",
    id: "Ev1",
    events: [
      {
        channel: "slack",
        sessionKey: "slack:T123ABC456:C123ABC456",
        eventId: "Ev1",
        text: "a <b> &amp; c",
        reply: '{"channel":"C123ABC456"}',
        request: null,
      },
    ],
  });
  const threaded = slackMessage("1.2", "hi", { thread_ts: "1.1" });
  expect(understand(slackCallback("Ev2", threaded))).toMatchObject({
    events: [
      {
        sessionKey: "slack:T123ABC456:C123ABC456:1.1",
        reply: '{"channel":"C123ABC456","thread_ts":"1.1"}',
      },
    ],
  });
});

test("one mention that comes as message and as app_mention, with two event ids, is one event", () => {
  const said = slackMessage("1515449522.000016", "<@UBOT> is it everything a river should be?");
  const identities = [
    understand(slackCallback("Ev1", said)),
    understand(slackCallback("Ev2", { ...said, type: "app_mention" })),
  ].map((understood) => {
    if (understood.kind !== "events") throw new Error("not understood");
    const [event] = understood.events;
    return [event?.sessionKey, event?.eventId];
  });
  expect(identities[0]).toEqual(identities[1]);
  // Typed out, it is no mention: two messages of one instant in a harness stay two.
  const typed = slackMessage("1.1", "&lt;@UBOT&gt; hello");
  expect(understand(slackCallback("Ev3", typed))).toMatchObject({ events: [{ eventId: "Ev3" }] });
});

test.each([
  ["our own and other bots", slackMessage("1", "hi", { bot_id: "B1" })],
  ["an older kind of bot", slackMessage("1", "hi", { subtype: "bot_message" })],
  ["an edit", slackMessage("1", "hi", { subtype: "message_changed", message: {} })],
  ["a deletion", slackMessage("1", "hi", { subtype: "message_deleted" })],
  ["somebody who joined", slackMessage("1", "hi", { subtype: "channel_join" })],
  ["a reaction", { type: "reaction_added", user: "U1" }],
  ["nothing said", slackMessage("1", "")],
])("what nobody wrote to us is accepted and dropped: %s", (_what, event) => {
  expect(understand(slackCallback("Ev1", event))).toEqual({
    kind: "events",
    id: "Ev1",
    events: [],
  });
});

test("files are told by name, broadcasts and /me are messages, a warning of Slack's is accepted", () => {
  const file = slackMessage("1", "look", { subtype: "file_share", files: [{ name: "a.png" }, {}] });
  expect(understand(slackCallback("Ev1", file))).toMatchObject({
    events: [{ text: "[file] a.png [file] look" }],
  });
  for (const subtype of ["thread_broadcast", "me_message"]) {
    const event = slackMessage("1", "hi", { subtype });
    expect(understand(slackCallback("Ev1", event))).toMatchObject({ events: [{ text: "hi" }] });
  }
  expect(understand({ type: "app_rate_limited", team_id: "T1" })).toMatchObject({ events: [] });
  expect(understand({ type: "unheard_of" }).kind).toBe("refused");
  expect(understand(slackCallback("", slackMessage("1", "hi"))).kind).toBe("refused");
  const nowhere = slackMessage("1", "hi", { channel: "" });
  expect(understand(slackCallback("Ev1", nowhere)).kind).toBe("refused");
});

test("an answer is posted where it was asked, and calls nobody", async () => {
  const outbound = channel().outbound!;
  const [message] = outbound.messages('{"channel":"C1","thread_ts":"1.1"}', "a & <!channel>");
  expect(await outbound.send(message!, new AbortController().signal)).toEqual({ kind: "sent" });
  expect(api.calls.at(-1)).toMatchObject({
    method: "POST",
    path: "/api/chat.postMessage",
    headers: { authorization: "Bearer xoxb-1", "content-type": "application/json; charset=utf-8" },
    body: { channel: "C1", thread_ts: "1.1", text: "a &amp; &lt;!channel&gt;" },
  });
});

test.each([
  [{ status: 200, body: { ok: false, error: "channel_not_found" } }, { kind: "refused" }],
  [{ status: 200, body: { ok: false, error: "not_in_channel" } }, { kind: "refused" }],
  [
    { status: 200, body: { ok: false, error: "restricted_action_thread_only_channel" } },
    { kind: "refused" },
  ],
  [{ status: 200, body: { ok: false, error: "invalid_auth" } }, { kind: "later" }],
  [{ status: 200, body: { ok: false, error: "token_revoked" } }, { kind: "later" }],
  [{ status: 200, body: { ok: false, error: "unheard_of" } }, { kind: "later" }],
  [{ status: 200, body: { ok: false, error: "fatal_error" } }, { kind: "unknown" }],
  [{ status: 200, body: "<html>" }, { kind: "unknown" }],
  [
    { status: 429, body: { ok: false, error: "ratelimited" }, headers: { "retry-after": "30" } },
    { kind: "later", retryAfterMs: 30_000 },
  ],
  [
    { status: 503, body: "" },
    { kind: "later", retryAfterMs: null },
  ],
])(
  "Slack's 200 is no success by itself, and only what is final is given up: %#",
  async (given, sent) => {
    reply = given;
    const outbound = channel().outbound!;
    const [message] = outbound.messages('{"channel":"C1"}', "hello");
    expect(await outbound.send(message!, new AbortController().signal)).toMatchObject(sent);
  },
);
