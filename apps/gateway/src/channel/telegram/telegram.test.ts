import { afterAll, beforeAll, expect, test } from "vitest";
import { type Reply, VendorServer } from "../testing/vendor-server.ts";
import { telegramChannel } from "./telegram.ts";

let reply: Reply = { status: 200, body: { ok: true } };
let api: VendorServer;
beforeAll(async () => {
  api = await VendorServer.start(() => reply);
});
afterAll(() => api.stop());

const channel = (resend: "repeat" | "give-up" = "repeat") =>
  telegramChannel({
    botToken: "1:abc",
    secretToken: "s3cret",
    apiBaseUrl: `${api.url}/`,
    resend,
  });
const understand = (update: unknown) =>
  channel().understand({}, Buffer.from(JSON.stringify(update)));

test("only the agreed secret token proves the sender", () => {
  const header = "x-telegram-bot-api-secret-token";
  expect(channel().checkHeaders({ [header]: "s3cret" }, 0)).toBeNull();
  expect(channel().checkHeaders({ [header]: "s3creT" }, 0)).toEqual({ code: "signature-invalid" });
  expect(channel().checkHeaders({}, 0)).toEqual({ code: "signature-missing" });
});

test("a message belongs to its chat's session; its update id is its identity", () => {
  const update = { update_id: 7, message: { message_id: 1, chat: { id: -42 }, text: "hi" } };
  expect(understand(update)).toEqual({
    kind: "events",
    id: "7",
    events: [
      {
        channel: "telegram",
        sessionKey: "telegram:-42",
        eventId: "7",
        text: "hi",
        reply: '{"chat_id":-42}',
        request: null,
      },
    ],
  });
});

test("what has no text is summarised, what needs no answer is accepted and dropped", () => {
  const photo = { message_id: 1, chat: { id: 1 }, photo: [{}], caption: "look" };
  expect(understand({ update_id: 1, message: photo })).toMatchObject({
    events: [{ text: "[photo] look" }],
  });
  const joined = { message_id: 1, chat: { id: 1 }, new_chat_members: [{}] };
  const dropped = (id: string) => ({ kind: "events", id, events: [] });
  expect(understand({ update_id: 2, message: joined })).toEqual(dropped("2"));
  expect(understand({ update_id: 3, callback_query: {} })).toEqual(dropped("3"));
  expect(understand({ message: {} }).kind).toBe("refused");
});

test("an answer goes to sendMessage; 429 waits as told, 403 is final, 5xx is tried again", async () => {
  const outbound = channel().outbound!;
  const [message] = outbound.messages('{"chat_id":-42,"message_thread_id":3}', "hello");
  const send = () => outbound.send(message!, new AbortController().signal);
  expect(await send()).toEqual({ kind: "sent" });
  expect(api.calls.at(-1)).toMatchObject({
    path: "/bot1:abc/sendMessage",
    body: { chat_id: -42, message_thread_id: 3, text: "hello" },
  });
  reply = { status: 429, body: { ok: false, parameters: { retry_after: 3 } } };
  expect(await send()).toMatchObject({ kind: "later", retryAfterMs: 3_000 });
  reply = { status: 403, body: { ok: false, description: "bot was blocked by the user" } };
  expect(await send()).toEqual({
    kind: "refused",
    reason: "Telegram answered 403: bot was blocked by the user",
  });
  // A wrong bot token is the operator's to correct.
  reply = { status: 401, body: { ok: false, description: "Unauthorized" } };
  expect(await send()).toMatchObject({ kind: "later", retryAfterMs: null });
  reply = { status: 500, body: "" };
  expect(await send()).toMatchObject({ kind: "later", retryAfterMs: null });
});

test("what becomes of a send that nobody knows the end of is the operator's choice", () => {
  expect(channel().outbound?.resend("{}")).toBe("repeat");
  expect(channel("give-up").outbound?.resend("{}")).toBe("give-up");
});
