import { TestClock } from "@chela/shared/clock/test-clock";
import { expect, test } from "vitest";
import type { Assistant } from "./assistant.ts";
import { AssistantHealth } from "./health.ts";

const never = new AbortController().signal;

function healthOf() {
  const clock = new TestClock();
  const seen = { reachable: true, probes: 0 };
  const assistant: Assistant = {
    answer: async () => ({ kind: "reply", text: "" }),
    reachable: async () => {
      seen.probes += 1;
      return seen.reachable;
    },
  };
  const health = new AssistantHealth(assistant, clock);
  return { clock, seen, health };
}

test("turns wait while it is down, and go on as soon as it is back", async () => {
  const { clock, seen, health } = healthOf();
  seen.reachable = false;
  health.start();
  await clock.advance(1);
  expect(health.up()).toBe(false);
  let admitted = 0;
  const waiting = [1, 2, 3].map(() => health.admit(never).then(() => admitted++));
  await clock.advance(5_000);
  expect(admitted).toBe(0);
  seen.reachable = true;
  await clock.advance(1_000);
  await Promise.all(waiting);
  expect(health.up()).toBe(true);
  health.stop();
});

test("that it is down is found out by a turn at once, and then probed every second", async () => {
  const { clock, seen, health } = healthOf();
  health.start();
  await clock.advance(2_000);
  expect(seen.probes).toBe(1);
  seen.reachable = false;
  (await health.admit(never))?.("away");
  expect(health.up()).toBe(false);
  // The probing hears of it.
  await new Promise(setImmediate);
  await clock.advance(3_100);
  expect(seen.probes).toBe(4);
  health.stop();
});

test("whoever is told to stop waits no longer", async () => {
  const { health } = healthOf();
  (await health.admit(never))?.("away");
  const ceding = new AbortController();
  const waiting = health.admit(ceding.signal);
  ceding.abort();
  expect(await waiting).toBeNull();
});

test("after failures one turn tries while the others wait for what it finds", async () => {
  const { clock, health } = healthOf();
  for (let n = 0; n < 3; n++) (await health.admit(never))?.("failed");
  expect(health.up()).toBe(false);
  health.start();
  await clock.advance(2_000);
  const trial = await health.admit(never);
  let others = 0;
  const waiting = [1, 2].map(() => health.admit(never).then(() => others++));
  await clock.advance(100);
  expect(others).toBe(0);
  trial?.("worked");
  await Promise.all(waiting);
  health.stop();
});

test("a probe that fails says nothing against a turn that was answered meanwhile", async () => {
  const { clock, health } = healthOf();
  let answer: (reachable: boolean) => void = () => {};
  const slow = new AssistantHealth(
    {
      answer: async () => ({ kind: "reply", text: "" }),
      reachable: () => new Promise((resolve) => (answer = resolve)),
    },
    clock,
  );
  slow.start();
  const report = await slow.admit(never);
  await clock.advance(10);
  report?.("worked");
  answer(false);
  await clock.advance(10);
  expect(slow.up()).toBe(true);
  slow.stop();
  health.stop();
});
