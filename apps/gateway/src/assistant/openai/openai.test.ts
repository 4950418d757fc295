import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openAiAssistant } from "./openai.ts";

let answer: { status: number; body: string; headers?: Record<string, string> } | null = null;
const asked: { url: string; authorization: string | undefined; body: unknown }[] = [];
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  asked.push({
    url: request.url!,
    authorization: request.headers.authorization,
    body: text === "" ? null : JSON.parse(text),
  });
  // Null: it takes the question and never answers.
  if (answer !== null) response.writeHead(answer.status, answer.headers).end(answer.body);
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const signal = new AbortController().signal;
const turn = {
  request: null,
  delta: () => {},
  sessionKey: "generic:alice",
  text: "and now?",
  history: async (max: number) =>
    [
      { role: "user" as const, text: "hi" },
      { role: "assistant" as const, text: "hello" },
    ].slice(-max),
};

function assistant(more: object = {}, port = (server.address() as AddressInfo).port) {
  return openAiAssistant({
    type: "openai",
    baseUrl: `http://127.0.0.1:${port}/v1/`,
    apiKey: "key",
    model: "m",
    systemPrompt: "be brief",
    timeoutMs: 5_000,
    historyMessages: 100,
    ...more,
  });
}

test("the whole history is sent, without a user, and the reply taken", async () => {
  answer = { status: 200, body: JSON.stringify({ choices: [{ message: { content: "soon" } }] }) };
  expect(await assistant().answer(turn, signal)).toEqual({ kind: "reply", text: "soon" });
  expect(asked.at(-1)).toEqual({
    url: "/v1/chat/completions",
    authorization: "Bearer key",
    body: {
      model: "m",
      messages: [
        { role: "system", content: "be brief" },
        { role: "user", content: "hi" },
        { role: "assistant", content: "hello" },
        { role: "user", content: "and now?" },
      ],
    },
  });
});

test("what can be tried again is told from what is refused for good", async () => {
  const kindOf = async (status: number, headers: Record<string, string> = {}) => {
    answer = { status, body: "{}", headers };
    return assistant().answer(turn, signal);
  };
  expect(await kindOf(400)).toMatchObject({ kind: "refused" });
  expect(await kindOf(404)).toMatchObject({ kind: "refused" });
  expect(await kindOf(500)).toMatchObject({ kind: "failed" });
  expect(await kindOf(200)).toMatchObject({ kind: "failed" });
  expect(await kindOf(503)).toMatchObject({ kind: "later", up: false });
  expect(await kindOf(401)).toMatchObject({ kind: "later", up: false });
  expect(await kindOf(429, { "retry-after": "2" })).toMatchObject({
    kind: "later",
    up: true,
    retryAfterMs: 2_000,
  });
});

test("nobody there is no attempt; no answer in time is one", async () => {
  expect(await assistant({}, 1).answer(turn, signal)).toMatchObject({ kind: "later", up: false });
  answer = null;
  const slow = assistant({ timeoutMs: 50 });
  expect(await slow.answer(turn, signal)).toMatchObject({ kind: "failed" });
});

test("reachable is whoever answers for itself, not a proxy for it", async () => {
  answer = { status: 404, body: "" };
  expect(await assistant().reachable(signal)).toBe(true);
  answer = { status: 502, body: "" };
  expect(await assistant().reachable(signal)).toBe(false);
  expect(await assistant({}, 1).reachable(signal)).toBe(false);
});
