import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { TestClock } from "@chela/shared/clock/test-clock";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LiveMessage } from "../live/word.ts";
import { EventStream } from "./event-stream.ts";

let arrived: (response: ServerResponse) => void = () => {};
const server = createServer((_, response) => arrived(response));
beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const answer = (text: string, ending?: string): LiveMessage => {
  const message = { eventId: "1-2", previous: "1-1", role: "assistant" as const, text, event: "e" };
  return ending === undefined ? message : { ...message, ending };
};

/** A stream to a caller who reads when told. */
async function opened(includeUsage = false) {
  const clock = new TestClock();
  const answering = new Promise<ServerResponse>((resolve) => {
    arrived = resolve;
  });
  const incoming = new Promise<IncomingMessage>((resolve) => {
    const { port } = server.address() as AddressInfo;
    request({ host: "127.0.0.1", port }, resolve).end();
  });
  const response = await answering;
  const stream = new EventStream(
    response,
    { id: "chatcmpl-e", created: 1, model: "m" },
    { clock, headers: { "x-request-id": "e" }, includeUsage },
  );
  const read = async () => {
    let text = "";
    for await (const chunk of await incoming) text += chunk;
    return text;
  };
  return { clock, response, stream, incoming, read };
}

interface Chunk {
  choices: { delta: { content?: string }; finish_reason: string | null }[];
  usage?: object;
  error?: { code: string };
}
const chunksOf = (text: string): Chunk[] =>
  text
    .split("\n\n")
    .filter((event) => event.startsWith("data: {"))
    .map((event) => JSON.parse(event.slice("data: ".length)));
const contentOf = (text: string) =>
  chunksOf(text)
    .map(({ choices }) => choices?.[0]?.delta.content ?? "")
    .join("");

test("the role comes first, then the pieces and what they left out, the reason, the cost, [DONE]", async () => {
  const { stream, read, incoming } = await opened(true);
  stream.piece("one ");
  stream.piece("two ");
  const usage = { total_tokens: 3 };
  stream.finish(answer("one two three", JSON.stringify({ finish: "length", usage })));
  const text = await read();
  const chunks = chunksOf(text);
  expect(chunks[0]!.choices[0]!.delta).toMatchObject({ role: "assistant" });
  expect(contentOf(text)).toBe("one two three");
  expect(chunks.at(-2)!.choices[0]!.finish_reason).toBe("length");
  expect(chunks.at(-1)).toMatchObject({ choices: [], usage });
  expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
  expect((await incoming).headers).toMatchObject({
    "x-accel-buffering": "no",
    "cache-control": "no-store",
    "x-request-id": "e",
  });
});

test("nothing said for long: headers and signs of life come all the same", async () => {
  const { clock, stream, read, response } = await opened();
  void stream.keepAlive();
  await clock.advance(4_999);
  expect(response.headersSent).toBe(false);
  await clock.advance(1);
  await clock.advance(30_000);
  stream.finish(answer("late"));
  const text = await read();
  expect(text.match(/: keep-alive/g)).toHaveLength(3);
  expect(contentOf(text)).toBe("late");
});

test("a refusal is a status before the first piece, an error event without [DONE] after it", async () => {
  const early = await opened();
  early.stream.fail({ code: "turn-failed", detail: "Sorry.", final: true });
  expect((await early.incoming).statusCode).toBe(502);
  expect((await early.incoming).headers["x-should-retry"]).toBe("false");

  const late = await opened();
  late.stream.piece("half");
  late.stream.fail({ code: "turn-failed", detail: "Sorry." });
  const text = await late.read();
  expect(chunksOf(text).at(-1)).toMatchObject({ error: { code: "turn-failed" } });
  expect(text).not.toContain("[DONE]");
});

test("begun anew with other words after some were sent: told, never patched over", async () => {
  const { stream, read } = await opened();
  stream.piece("To be");
  stream.reset();
  stream.piece("Not ");
  stream.finish(answer("Not to be"));
  const text = await read();
  expect(contentOf(text)).toBe("To be");
  expect(chunksOf(text).at(-1)).toMatchObject({ error: { code: "turn-restarted" } });
  expect(text).not.toContain("[DONE]");
});

test("a caller who does not read holds up a bounded amount, and gets everything once it reads", async () => {
  const { stream, read, response } = await opened();
  const piece = "x".repeat(10_000);
  // More than the kernel's buffers hold.
  for (let n = 0; n < 1_500; n++) {
    stream.piece(piece);
    if (n % 50 === 0) await new Promise(setImmediate);
  }
  expect(response.writableLength).toBeLessThan(1_000_000);
  const reading = read();
  stream.finish(answer(piece.repeat(1_500)));
  expect(contentOf(await reading)).toHaveLength(15_000_000);
});
