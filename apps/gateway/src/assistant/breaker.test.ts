import fc from "fast-check";
import { expect, test } from "vitest";
import {
  asked,
  type Breaker,
  CLOSED,
  FAILURES_MAX,
  type Finding,
  found,
  mayAsk,
  probed,
} from "./breaker.ts";

const failing = (nowMs: number, from: Breaker = CLOSED) =>
  Array.from({ length: FAILURES_MAX }).reduce<Breaker>((b) => found(b, "failed", nowMs), from);

test("failures in a row open it, a turn that works in between begins the count anew", () => {
  const almost = found(found(CLOSED, "failed", 0), "failed", 0);
  expect(mayAsk(almost)).toBe(true);
  expect(mayAsk(found(found(almost, "worked", 0), "failed", 0))).toBe(true);
  expect(mayAsk(found(almost, "failed", 0))).toBe(false);
});

test("one that is away opens it at once, and once it is back all may ask", () => {
  const away = found(CLOSED, "away", 0);
  expect(mayAsk(away)).toBe(false);
  expect(mayAsk(probed(away, true, 500))).toBe(false);
  const back = probed(away, true, 1_000);
  expect(mayAsk(asked(back))).toBe(true);
});

test("one that failed is tried by a single turn, whose first words let the others in", () => {
  const half = probed(failing(0), true, 1_000);
  expect(mayAsk(half)).toBe(true);
  const trying = asked(half);
  expect(mayAsk(trying)).toBe(false);
  expect(mayAsk(found(trying, "nothing", 1_000))).toBe(true);
  expect(mayAsk(asked(found(trying, "answering", 1_000)))).toBe(true);
});

test("it stays open longer each time it opens in vain, up to half a minute", () => {
  let breaker = failing(0);
  const openMs: number[] = [];
  for (let nowMs = 0; openMs.length < 8; ) {
    if (breaker.state !== "open") throw new Error("not open");
    openMs.push(breaker.untilMs - nowMs);
    nowMs = breaker.untilMs;
    breaker = found(asked(probed(breaker, true, nowMs)), "failed", nowMs);
  }
  expect(openMs).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
});

test("whatever happens, a reachable assistant is asked again after half a minute at most", () => {
  const findings: Finding[] = ["worked", "answering", "failed", "away", "nothing"];
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(fc.constantFrom(...findings), fc.boolean(), fc.nat(5_000), fc.constant("ask")),
      ),
      (steps) => {
        let breaker = CLOSED;
        let nowMs = 0;
        for (const step of steps) {
          if (typeof step === "number") nowMs += step;
          else if (typeof step === "boolean") breaker = probed(breaker, step, nowMs);
          else if (step === "ask") breaker = mayAsk(breaker) ? asked(breaker) : breaker;
          else breaker = found(breaker, step as Finding, nowMs);
        }
        // The turn that was trying, if any, ends.
        breaker = probed(found(breaker, "nothing", nowMs), true, nowMs + 30_000);
        expect(mayAsk(breaker)).toBe(true);
      },
    ),
  );
});
