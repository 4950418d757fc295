import { systemClock } from "@chela/shared/clock/system-clock";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { CallerRequest } from "../../inbox/event.ts";
import type { OpenAiSettings } from "../../settings.ts";
import type { Said, Turn } from "../assistant.ts";
import { openAiAssistant } from "./openai.ts";
import { begin, chunk, end, FakeEndpoint, say, streamed } from "./testing/fake-endpoint.ts";

let endpoint: FakeEndpoint;
let pieces: string[] = [];
beforeEach(async () => {
  endpoint = await new FakeEndpoint().start();
  pieces = [];
});
afterEach(() => endpoint.stop());

const signal = new AbortController().signal;
const earlier: Said[] = [
  { role: "user", text: "hi" },
  { role: "assistant", text: "hello" },
];

function turn(request: CallerRequest | null = null): Turn {
  return {
    request,
    delta: (text) => pieces.push(text),
    sessionKey: "generic:alice",
    text: "and now?",
    history: async (max) => earlier.slice(-max),
  };
}

function assistant(more: Partial<OpenAiSettings> = {}) {
  return openAiAssistant(
    {
      type: "openai",
      baseUrl: `${endpoint.baseUrl}/`,
      apiKey: "key",
      model: "m",
      systemPrompt: "be brief",
      timeoutMs: 10_000,
      firstByteTimeoutMs: 10_000,
      idleTimeoutMs: 10_000,
      historyMessages: 100,
      historyTokens: 1_000,
      ...more,
    },
    systemClock,
  );
}

const answer = (more: Partial<OpenAiSettings> = {}, request: CallerRequest | null = null) =>
  assistant(more).answer(turn(request), signal);

test("the whole history is sent, without a user or a caller's headers, and the pieces taken as they come", async () => {
  endpoint.chat = (response) => streamed(response, ["so", "", "on \ud83e", "\udd80"]);
  expect(await answer()).toEqual({
    kind: "reply",
    text: "soon 🦀",
    ending: { finish: "stop", usage: null },
  });
  expect(pieces).toEqual(["so", "on ", "🦀"]);
  const [asked] = endpoint.asked;
  expect(asked!.url).toBe("/v1/chat/completions");
  expect(asked!.headers.authorization).toBe("Bearer key");
  expect(Object.keys(asked!.headers).filter((name) => name.startsWith("x-"))).toEqual([]);
  expect(asked!.body).toEqual({
    model: "m",
    stream: true,
    messages: [
      { role: "system", content: "be brief" },
      { role: "user", content: "hi" },
      { role: "assistant", content: "hello" },
      { role: "user", content: "and now?" },
    ],
  });
});

test("a history too long for its window is cut, the system prompt and the new message are not", async () => {
  await answer({ historyTokens: 0 });
  expect(endpoint.asked[0]!.body!.messages).toEqual([
    { role: "system", content: "be brief" },
    { role: "user", content: "and now?" },
  ]);
});

test("who brings a conversation is answered on that; the system prompt is ours only where it has none", async () => {
  const image = [{ type: "image_url", image_url: { url: "data:" } }];
  const messages = [
    { role: "user", content: "their own" },
    { role: "user", content: image },
  ];
  const request = { messages, options: { temperature: 0, seed: 7 }, sessionTtlSeconds: 3_600 };
  await answer({}, request);
  expect(endpoint.asked[0]!.body).toEqual({
    model: "m",
    stream: true,
    stream_options: { include_usage: true },
    temperature: 0,
    seed: 7,
    messages: [{ role: "system", content: "be brief" }, ...messages],
  });
  const own = [{ role: "developer", content: "be rude" }, ...messages];
  await answer({}, { ...request, messages: own });
  expect(endpoint.asked[1]!.body!.messages).toEqual(own);
});

test("how the answer ended and what it cost is passed on as the endpoint said", async () => {
  const usage = { prompt_tokens: 3, completion_tokens: 5, total_tokens: 8 };
  endpoint.chat = (response) => {
    begin(response);
    say(response, "half a sen");
    end(response, "length", usage);
  };
  expect(await answer()).toEqual({
    kind: "reply",
    text: "half a sen",
    ending: { finish: "length", usage },
  });
});

test("an endpoint that does not stream works too", async () => {
  const body = { choices: [{ message: { content: "whole" }, finish_reason: "stop" }] };
  endpoint.chat = (response) =>
    void response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
  expect(await answer()).toMatchObject({ kind: "reply", text: "whole" });
});

test("a stream that ends with neither [DONE] nor a reason was cut; with one of them it is whole", async () => {
  endpoint.chat = (response) => {
    begin(response);
    say(response, "fine");
    chunk(response, { choices: [{ delta: {}, finish_reason: "stop" }] });
    response.end();
  };
  expect(await answer()).toMatchObject({ kind: "reply", text: "fine" });
  endpoint.chat = (response) => {
    begin(response);
    say(response, "not fi");
    response.end();
  };
  expect(await answer()).toMatchObject({ kind: "broken" });
});

test("cut before its first words it may be asked again; after them never", async () => {
  endpoint.chat = (response) => {
    begin(response);
    response.flushHeaders();
    response.destroy();
  };
  expect(await answer()).toMatchObject({ kind: "failed" });
  endpoint.chat = (response) => {
    begin(response);
    say(response, "some words");
    setTimeout(() => response.destroy(), 20);
  };
  expect(await answer()).toMatchObject({ kind: "broken" });
  endpoint.chat = (response) => {
    begin(response);
    say(response, "some words");
    chunk(response, { error: { message: "overloaded" } });
    response.end();
  };
  expect(await answer()).toMatchObject({ kind: "broken" });
  expect(pieces).toEqual(["some words", "some words"]);
});

test("an answer that holds no text is none, unless the caller set its limits itself", async () => {
  endpoint.chat = (response) => {
    begin(response);
    end(response, "length");
  };
  expect(await answer()).toMatchObject({ kind: "failed" });
  const request = { messages: [], options: { max_tokens: 1 }, sessionTtlSeconds: null };
  expect(await answer({}, request)).toMatchObject({ kind: "reply", text: "" });
  endpoint.chat = (response) => void response.writeHead(200).end("<html>");
  expect(await answer({}, request)).toMatchObject({ kind: "failed" });
});

test("what can be tried again is told from what is refused for good", async () => {
  const kindOf = async (status: number, headers: Record<string, string> = {}) => {
    endpoint.chat = (response) => void response.writeHead(status, headers).end("{}");
    return answer();
  };
  for (const status of [400, 413, 422]) {
    expect(await kindOf(status)).toMatchObject({ kind: "refused" });
  }
  // What may be this message's doing counts as an attempt, so that it ends some day.
  for (const status of [307, 403, 404, 408, 500, 502, 504]) {
    expect(await kindOf(status)).toMatchObject({ kind: "failed", reason: `answered ${status}` });
  }
  expect(await kindOf(503)).toMatchObject({ kind: "later", finding: "failed" });
  expect(await kindOf(401)).toMatchObject({ kind: "later", finding: "away" });
  expect(await kindOf(429, { "retry-after": "2" })).toMatchObject({
    kind: "later",
    finding: "nothing",
    retryAfterMs: 2_000,
  });
  const soon = new Date(Date.now() + 5_000).toUTCString();
  const dated = await kindOf(429, { "retry-after": soon });
  expect(dated.kind === "later" && dated.retryAfterMs).toBeGreaterThan(0);
  const mad = await kindOf(429, { "retry-after": "99999999" });
  expect(mad).toMatchObject({ retryAfterMs: 60_000 });
});

test("nobody there uses up no attempt", async () => {
  expect(await answer({ baseUrl: "http://127.0.0.1:1/v1" })).toMatchObject({
    kind: "later",
    finding: "away",
  });
});

test("no first byte, a pause without end, an answer without end: each ends in time", async () => {
  endpoint.chat = () => {};
  expect(await answer({ firstByteTimeoutMs: 50 })).toMatchObject({ kind: "failed" });
  endpoint.chat = (response) => {
    begin(response);
    say(response, "well…");
  };
  expect(await answer({ idleTimeoutMs: 50 })).toMatchObject({
    kind: "broken",
    reason: "nothing came for too long",
  });
  endpoint.chat = (response) => {
    begin(response);
    const timer = setInterval(() => say(response, "and "), 10);
    response.once("close", () => clearInterval(timer));
  };
  expect(await answer({ timeoutMs: 150 })).toMatchObject({
    kind: "broken",
    reason: "the answer took too long",
  });
});

test("a giant answer is given up, in pieces, in one event or whole", async () => {
  const big = "x".repeat(300_000);
  endpoint.chat = (response) => {
    begin(response);
    for (let n = 0; n < 5; n++) say(response, big);
  };
  expect(await answer()).toMatchObject({ kind: "broken", reason: "its answer is too large" });
  endpoint.chat = (response) => {
    begin(response);
    response.write(`data: ${big.repeat(20)}`);
  };
  expect(await answer()).toMatchObject({ kind: "failed", reason: "its answer is too large" });
  endpoint.chat = (response) =>
    void response
      .writeHead(200, { "content-type": "application/json" })
      .end(JSON.stringify({ choices: [{ message: { content: big.repeat(20) } }] }));
  expect(await answer()).toMatchObject({ reason: "its answer is too large" });
});

test("told to give up, it gives up, and the endpoint sees it", async () => {
  let closed = () => {};
  const gone = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const stop = new AbortController();
  endpoint.chat = (response) => {
    response.once("close", closed);
    begin(response);
    say(response, "one");
  };
  const spoken = { ...turn(), delta: () => stop.abort() };
  await assistant().answer(spoken, stop.signal);
  await gone;
});

test("reachable is whoever answers for itself and would take a message, not a proxy for it", async () => {
  const reachable = async (status: number) => {
    endpoint.models = (response) => void response.writeHead(status).end();
    return assistant().reachable(signal);
  };
  expect(await reachable(200)).toBe(true);
  expect(await reachable(404)).toBe(true);
  expect(await reachable(502)).toBe(false);
  expect(await reachable(401)).toBe(false);
  expect(await assistant({ baseUrl: "http://127.0.0.1:1" }).reachable(signal)).toBe(false);
});
