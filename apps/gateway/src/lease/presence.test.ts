import { TestClock } from "@chela/shared/clock/test-clock";
import { expect, test } from "vitest";
import { Presence } from "./presence.ts";
import type { LeaseStore, Pulse } from "./store.ts";

/** A gateway beside a Redis whose clock stands elsewhere. */
function beside(redisMs: number, takesMs: number) {
  const clock = new TestClock();
  const pulse = { redisMs, runId: "one" };
  const heartbeat = async (): Promise<Pulse> => {
    await clock.sleep(takesMs);
    return { ...pulse };
  };
  const presence = new Presence(
    {
      store: { heartbeat } as unknown as LeaseStore,
      ...{ name: "gw-1", incarnation: "a", version: "1", weight: 1, clock },
      assistantUp: () => true,
      inFlight: () => 0,
    },
    667,
  );
  const beat = async () => {
    const beating = presence.beat([]);
    await clock.advance(takesMs);
    return beating;
  };
  return { clock, presence, beat, pulse };
}

test("time windows are judged by Redis' time, however wrong this machine's own clock is", async () => {
  const { clock, presence, beat } = beside(4_000_000_000_000, 40);
  expect(presence.redisNowMs()).toBeNull();
  await beat();
  // Read at Redis about half way between asking and hearing.
  expect(presence.redisNowMs()).toBe(4_000_000_000_020);
  await clock.advance(1_000);
  expect(presence.redisNowMs()).toBe(4_000_000_001_020);
});

test("a heartbeat answered by another Redis process says so, the first one and a repeated one do not", async () => {
  const { beat, pulse } = beside(1, 1);
  expect(await beat()).toBe(false);
  expect(await beat()).toBe(false);
  pulse.runId = "two";
  expect(await beat()).toBe(true);
  expect(await beat()).toBe(false);
});

test("tilt ends with the answer to a heartbeat that was sent after the stall, not with one that was on its way", async () => {
  const { clock, presence } = beside(1, 50);
  const onItsWay = presence.beat([]);
  await clock.advance(10);
  presence.tilt();
  await clock.advance(40);
  await onItsWay;
  expect(presence.tilted()).toBe(true);
  const after = presence.beat([]);
  await clock.advance(50);
  await after;
  expect(presence.tilted()).toBe(false);
});
