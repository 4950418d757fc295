import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SimulatedFleet } from "./simulated-fleet.ts";

const SHARDS = 4;

/** A small seeded generator (mulberry32): the same seed, the same run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const gateway = fc.nat(2);
const mishap = fc.oneof(
  fc.record({
    kind: fc.constant("pause" as const),
    gateway,
    ms: fc.integer({ min: 100, max: 9_000 }),
  }),
  fc.record({
    kind: fc.constant("cut" as const),
    gateway,
    ms: fc.integer({ min: 50, max: 6_000 }),
  }),
  fc.record({
    kind: fc.constant("restart" as const),
    gateway,
    ms: fc.integer({ min: 10, max: 4_000 }),
  }),
  fc.record({ kind: fc.constant("reconnect" as const), gateway }),
  fc.record({
    kind: fc.constant("drain" as const),
    gateway,
    ms: fc.integer({ min: 100, max: 5_000 }),
  }),
  fc.record({
    kind: fc.constant("prefer" as const),
    gateway,
    ms: fc.option(fc.integer({ min: 200, max: 5_000 })),
  }),
  fc.record({ kind: fc.constant("wipe" as const) }),
);
const plan = fc.array(fc.record({ after: fc.integer({ min: 10, max: 3_000 }), mishap }), {
  minLength: 1,
  maxLength: 12,
});

type Steps = typeof plan extends fc.Arbitrary<infer T> ? T : never;

async function suffer(fleet: SimulatedFleet, steps: Steps): Promise<void> {
  const later = (ms: number, then: () => void) => fleet.clock.sleep(ms).then(then);
  let emptyAtMs = 0;
  for (const { after, mishap } of steps) {
    await fleet.advance(after);
    if (mishap.kind === "wipe") {
      // A wipe right after the first acquisition in an empty store leaves no trace by which others could see it.
      if (fleet.clock.monotonicMs() - emptyAtMs < 5_000) continue;
      emptyAtMs = fleet.clock.monotonicMs();
      const { control } = fleet.model;
      fleet.wipe();
      // The console writes the record again from its store.
      later(700, () => {
        fleet.model.control ??= control;
      });
      continue;
    }
    const process = fleet.processes[mishap.gateway]!;
    switch (mishap.kind) {
      case "pause":
        process.pause();
        later(mishap.ms, () => process.resume());
        break;
      case "cut":
        process.cutOff = true;
        later(mishap.ms, () => {
          process.cutOff = false;
        });
        break;
      case "restart":
        if (!process.alive()) break;
        process.kill();
        later(mishap.ms, () => fleet.boot(mishap.gateway));
        break;
      case "reconnect":
        process.loop.takeOverAgain("simulated");
        break;
      case "drain":
        process.loop.setDraining(true);
        later(mishap.ms, () => process.loop.setDraining(false));
        break;
      case "prefer":
        process.turnMs = 400;
        fleet.prefer(mishap.gateway, mishap.ms);
        break;
    }
  }
}

const rates = fc.array(fc.double({ min: 0.97, max: 1.03, noNaN: true }), {
  minLength: 3,
  maxLength: 3,
});
const mode = fc.constantFrom("active-standby" as const, "active-active" as const);

describe("lease loops among pauses, crashes, cuts, wipes, switchovers and unequal clocks", () => {
  test("never two holders of a shard, epochs only rise, and in the end every shard is held", async () => {
    await fc.assert(
      fc.asyncProperty(plan, rates, mode, fc.integer(), async (steps, speeds, how, seed) => {
        const fleet = new SimulatedFleet({
          gateways: 3,
          shards: SHARDS,
          mode: how,
          rates: speeds,
          random: seeded(seed),
        });
        await suffer(fleet, steps);
        // Longer than the longest mishap, and then what the rules may take.
        await fleet.advance(9_000 + 12_000, 50);
        const workers = Array.from({ length: SHARDS }, (_, shard) => fleet.workersOf(shard)[0]);
        expect(workers.every((worker) => worker !== undefined)).toBe(true);
        if (how === "active-standby") expect(new Set(workers).size).toBe(1);
      }),
      { numRuns: 60, seed: 20261122 },
    );
  }, 60_000);

  test("with all but one gateway dead, that one holds everything", async () => {
    for (const survivor of [0, 1, 2]) {
      const rates = [1, 1, 1];
      const mode = "active-standby" as const;
      const options = { gateways: 3, shards: SHARDS, mode, rates, random: seeded(survivor) };
      const fleet = new SimulatedFleet(options);
      await fleet.advance(2_000);
      fleet.processes.forEach((process, index) => {
        if (index !== survivor) process.kill();
      });
      await fleet.advance(3_000);
      for (let shard = 0; shard < SHARDS; shard++) {
        expect(fleet.workersOf(shard)).toEqual([fleet.processes[survivor]]);
      }
    }
  });
});
