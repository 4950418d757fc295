import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { telegramChannel } from "./telegram.ts";
import { partsOf } from "./update.ts";

let answer: { status: number; body: unknown } = { status: 200, body: { ok: true } };
const calls: { path: string; body: unknown }[] = [];
const api = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  calls.push({ path: request.url!, body: JSON.parse(Buffer.concat(chunks).toString()) });
  response.writeHead(answer.status, { "content-type": "application/json" });
  response.end(JSON.stringify(answer.body));
});
beforeAll(() => new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve)));
afterAll(() => api.close());

function channel() {
  const { port } = api.address() as AddressInfo;
  return telegramChannel({
    botToken: "1:abc",
    secretToken: "s3cret",
    apiBaseUrl: `http://127.0.0.1:${port}/`,
  });
}
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
    ok: true,
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
  expect(understand({ update_id: 2, message: joined })).toEqual({ ok: true, id: "2", events: [] });
  expect(understand({ update_id: 3, callback_query: {} })).toEqual({
    ok: true,
    id: "3",
    events: [],
  });
  expect(understand({ message: {} }).ok).toBe(false);
});

test("parts of a long answer fit, lose nothing and cut no character", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("a", "😀", " ", "\n", "x".repeat(900), "😀".repeat(900)), {
        maxLength: 40,
      }),
      (pieces) => {
        const text = `.${pieces.join("")}.`;
        const parts = partsOf(text);
        for (const part of parts) {
          expect(part.length).toBeLessThanOrEqual(4_096);
          expect(part.isWellFormed()).toBe(true);
        }
        expect(parts.join("").replace(/\s/g, "")).toBe(text.replace(/\s/g, ""));
      },
    ),
  );
});

test("an answer goes to sendMessage; 429 waits as told, 403 is final, 5xx is tried again", async () => {
  const outbound = channel().outbound!;
  const [message] = outbound.messages('{"chat_id":-42,"message_thread_id":3}', "hello");
  const signal = new AbortController().signal;
  expect(await outbound.send(message!, signal)).toEqual({ kind: "sent" });
  expect(calls.at(-1)).toEqual({
    path: "/bot1:abc/sendMessage",
    body: { chat_id: -42, message_thread_id: 3, text: "hello" },
  });
  answer = { status: 429, body: { ok: false, parameters: { retry_after: 3 } } };
  expect(await outbound.send(message!, signal)).toMatchObject({
    kind: "later",
    retryAfterMs: 3_000,
  });
  answer = { status: 403, body: { ok: false, description: "bot was blocked by the user" } };
  expect(await outbound.send(message!, signal)).toMatchObject({ kind: "refused" });
  answer = { status: 502, body: null };
  expect(await outbound.send(message!, signal)).toMatchObject({
    kind: "later",
    retryAfterMs: null,
  });
});
