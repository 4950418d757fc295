import type { Clock } from "@chela/shared/clock/clock";
import { TestClock } from "@chela/shared/clock/test-clock";
import { expect, test } from "vitest";
import { LeaseModel } from "../simulation/store/lease-model.ts";
import { createLeaseLoop } from "./lease-loop.ts";
import { type Irregularity, watchPulse } from "./tilt.ts";

/** Time as one process sees it: `stallMs` delays its wake-ups, `wallJumpMs` moves its wall clock alone. */
function machine() {
  const time = new TestClock();
  const faults = { stallMs: 0, wallJumpMs: 0 };
  const clock: Clock = {
    monotonicMs: () => time.monotonicMs(),
    wallMs: () => time.wallMs() + faults.wallJumpMs,
    sleep: async (ms, signal) => {
      await time.sleep(ms, signal);
      const { stallMs } = faults;
      faults.stallMs = 0;
      if (stallMs > 0) await time.sleep(stallMs, signal);
    },
  };
  return { time, clock, faults };
}

async function watched(trouble: (faults: { stallMs: number; wallJumpMs: number }) => void) {
  const { time, clock, faults } = machine();
  const seen: Irregularity[] = [];
  const end = new AbortController();
  const watch = watchPulse(
    clock,
    () => {},
    (irregularity) => seen.push(irregularity),
    end.signal,
  );
  await time.advance(1_000);
  trouble(faults);
  await time.advance(5_000);
  end.abort();
  await watch;
  return seen;
}

test("a machine that runs evenly is never in tilt, nor one that is a little late", async () => {
  expect(await watched(() => {})).toEqual([]);
  expect(await watched((faults) => (faults.stallMs = 300))).toEqual([]);
});

test("a stalled event loop is noticed once, and so is a wall clock that jumps either way", async () => {
  expect(await watched((faults) => (faults.stallMs = 2_000))).toEqual([
    { stalledMs: 2_000, jumpedMs: 0 },
  ]);
  for (const jumpedMs of [90_000, -90_000]) {
    const seen = await watched((faults) => (faults.wallJumpMs = jumpedMs));
    expect(seen).toEqual([{ stalledMs: 0, jumpedMs }]);
  }
});

test("in tilt nothing is taken until a heartbeat sent afterwards is answered; a sleeping machine loses its leases", async () => {
  const { time, clock, faults } = machine();
  const model = new LeaseModel(() => time.wallMs());
  const preferred = JSON.stringify(["gw-1"]);
  const shape = { layout: "1", shards: "1", mode: "active-standby", actives: "1" };
  model.control = { ...shape, preferred, generation: "1", operation: "" };
  model.epochs.set(0, 5);
  let answering = true;
  const loop = createLeaseLoop({
    store: model.storeFor("gw-1", "a", async (apply) => {
      if (!answering) throw new Error("away");
      return apply();
    }),
    name: "gw-1",
    incarnation: "a",
    version: "1",
    weight: 1,
    work: { start() {}, cede: async () => {}, abort() {}, inFlight: () => 0 },
    assistantUp: () => true,
    clock,
    log: { info() {}, warn() {} },
  });
  loop.start();
  await time.advance(500);
  expect(loop.held()).toEqual([{ shard: 0, epoch: 6 }]);

  answering = false;
  faults.wallJumpMs = 60_000;
  await time.advance(300);
  expect(loop.role()).toBe("tilt");
  expect(loop.held()).toEqual([]);
  answering = true;
  await time.advance(500);
  expect(loop.role()).toBe("active");
  expect(loop.held()).toEqual([{ shard: 0, epoch: 7 }]);
  expect(loop.lost().expired).toBe(1);
});
