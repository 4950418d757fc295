import { TestClock } from "@chela/shared/clock/test-clock";
import { expect, test } from "vitest";
import { echoAssistant } from "./echo.ts";

function said(text: string, latencyMs: number) {
  const clock = new TestClock();
  const pieces: { piece: string; atMs: number }[] = [];
  const answer = echoAssistant(latencyMs, clock).answer(
    {
      sessionKey: "web:alice",
      text,
      request: null,
      delta: (piece) => pieces.push({ piece, atMs: clock.monotonicMs() }),
      history: async () => [],
    },
    new AbortController().signal,
  );
  return { clock, pieces, answer };
}

test("its words come spread over its latency and make up the answer", async () => {
  const { clock, pieces, answer } = said("good day  to\nyou", 500);
  await clock.advance(500);
  expect(await answer).toEqual({ kind: "reply", text: "echo: good day  to\nyou" });
  expect(pieces.map(({ piece }) => piece).join("")).toBe("echo: good day  to\nyou");
  expect(pieces.map(({ atMs }) => atMs)).toEqual([100, 200, 300, 400, 500]);
});

test("without latency it answers at once, in one piece", async () => {
  const { pieces, answer } = said("good day", 0);
  expect(await answer).toEqual({ kind: "reply", text: "echo: good day" });
  expect(pieces.map(({ piece }) => piece)).toEqual(["echo: good day"]);
});
