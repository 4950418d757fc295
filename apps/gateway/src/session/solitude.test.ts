import { setImmediate as turnOfLoop } from "node:timers/promises";
import { TestClock } from "@chela/shared/clock/test-clock";
import { beforeEach, expect, test } from "vitest";
import { Solitude } from "./solitude.ts";

const never = new AbortController().signal;
let clock: TestClock;
let solitude: Solitude;
let running: string[];

beforeEach(() => {
  clock = new TestClock();
  solitude = new Solitude(clock);
  running = [];
});

async function advance(ms: number): Promise<void> {
  await clock.advance(ms);
  await turnOfLoop();
}

/** Runs until `end` of what is answered. */
function turn(name: string, how: "join" | "alone", signal = never) {
  let leave: (() => void) | null = null;
  void solitude[how](signal).then((left) => {
    running.push(name);
    leave = left;
  });
  return {
    async end() {
      running = running.filter((each) => each !== name);
      leave?.();
      await advance(0);
    },
  };
}

test("turns run together as long as nobody is to be alone", async () => {
  turn("a", "join");
  turn("b", "join");
  await advance(0);
  expect(running).toEqual(["a", "b"]);
});

test("one that is to be alone begins when the others have ended, and those to come wait for its end", async () => {
  const a = turn("a", "join");
  await advance(0);
  const suspect = turn("suspect", "alone");
  turn("b", "join");
  await advance(0);
  expect(running).toEqual(["a"]);
  await a.end();
  expect(running).toEqual(["suspect"]);
  await suspect.end();
  expect(running).toEqual(["b"]);
});

test("several are alone one after the other", async () => {
  const first = turn("first", "alone");
  const second = turn("second", "alone");
  turn("b", "join");
  await advance(0);
  expect(running).toEqual(["first"]);
  await first.end();
  expect(running).toEqual(["second"]);
  await second.end();
  expect(running).toEqual(["b"]);
});

test("a long turn delays one that is to be alone, and is delayed by it, but not for good", async () => {
  turn("long", "join");
  await advance(0);
  turn("suspect", "alone");
  turn("b", "join");
  await advance(0);
  await advance(9_999);
  expect(running).toEqual(["long"]);
  await advance(1);
  expect(running).toEqual(["long", "suspect"]);
  await advance(10_000);
  expect(running).toEqual(["long", "suspect", "b"]);
  turn("next", "alone");
  await advance(0);
  await advance(10_000);
  expect(running).toEqual(["long", "suspect", "b", "next"]);
});

test("nobody waits once the shard is given away", async () => {
  turn("a", "join");
  await advance(0);
  const stop = new AbortController();
  turn("suspect", "alone", stop.signal);
  await advance(0);
  stop.abort();
  await advance(0);
  expect(running).toEqual(["a", "suspect"]);
});
