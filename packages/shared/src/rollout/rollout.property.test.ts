import fc from "fast-check";
import { expect, it } from "vitest";
import type { RolloutStrategy } from "../fleet/view.ts";
import { rollout } from "./testing/fake-rollout.ts";
import { type Nature, World } from "./testing/world.ts";

const SEED = 4;
const RUNS = 600;

const gate = fc.oneof(
  fc.constant({ by: "approval" as const }),
  fc.integer({ min: 0, max: 3_000 }).map((ms) => ({ by: "time" as const, ms })),
);
const sizes = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 3 });
const canary = fc.option(
  fc.tuple(sizes, fc.array(gate, { minLength: 3, maxLength: 3 })).map(([percents, gates]) => ({
    stages: percents
      .sort((a, b) => a - b)
      .map((percent, at) => ({ gateways: { percent }, gate: gates[at]! })),
  })),
);
const course = fc.record({
  gateways: fc.integer({ min: 1, max: 7 }),
  hosts: fc.integer({ min: 1, max: 3 }),
  floor: fc.integer({ min: 1, max: 3 }),
  batchSize: fc.integer({ min: 1, max: 4 }),
  out: fc.integer({ min: 1, max: 4 }),
  startFirst: fc.boolean(),
  shared: fc.boolean(),
  soakMs: fc.integer({ min: 0, max: 2_000 }),
  canary,
  mayGoBack: fc.boolean(),
  nature: fc.constantFrom<Nature>("good", "good", "never-healthy", "answers-errors", "dies"),
  slowness: fc.integer({ min: 1, max: 2_000 }),
  abortAt: fc.option(fc.integer({ min: 0, max: 150 })),
  failovers: fc.array(fc.tuple(fc.integer({ min: 0, max: 200 }), fc.nat(6)), { maxLength: 4 }),
  others: fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 4 }),
});
type Course = typeof course extends fc.Arbitrary<infer T> ? T : never;

function worldOf(of: Course): World {
  const names = Array.from({ length: of.gateways }, (_, index) => `gw-${index + 1}`);
  const floor = Math.min(of.floor, of.gateways);
  const spare = of.gateways - floor;
  const order = of.startFirst || spare < 1 ? "startFirst" : "stopFirst";
  const batchSize = Math.min(of.batchSize, of.gateways);
  const strategy: RolloutStrategy = {
    batchSize,
    maxUnavailable: order === "startFirst" ? 0 : Math.max(1, Math.min(of.out, batchSize, spare)),
    order,
    soakMs: of.soakMs,
    canary: of.canary,
  };
  const world = new World(
    rollout({ strategy, floor, mayGoBack: of.mayGoBack }),
    names.map((name, index) => ({
      name,
      host: `h${index % of.hosts}`,
      shards: of.shared ? 4 : index === 0 ? 16 : 0,
    })),
    of.shared ? "active-active" : "active-standby",
  );
  world.natures[2] = of.nature;
  world.slowness = of.slowness;
  return world;
}

it("any fleet, strategy, release, failovers and abort: rules are kept, and it ends where it says", () => {
  fc.assert(
    fc.property(course, (of) => {
      const world = worldOf(of);
      let soakedFor = Number.POSITIVE_INFINITY;
      const end = world.run((seen, tick) => {
        const { state } = seen;
        if (tick === of.abortAt) seen.state = { ...state, aborting: true };
        if (!of.shared) {
          for (const [at, who] of of.failovers) {
            const taker = seen.gateways[who % seen.gateways.length]!;
            if (at === tick && seen.healthy(taker) && !taker.draining) seen.activate(taker.name);
          }
        }
        if (of.others.includes(tick)) seen.generation += 1;
        if (state.phase.at === "gate" && state.phase.approvedBy === null && tick % 7 === 0) {
          seen.state = { ...seen.state, phase: { ...state.phase, approvedBy: "ann" } };
        }
      });
      for (const { name, state, ms } of end.steps) {
        if (name === "soak" && state === "done") soakedFor = Math.min(soakedFor, ms ?? 0);
      }
      const running = end.steps.filter(({ state }) => state === "running");
      expect(world.broken).toEqual([]);
      expect(running).toEqual([]);
      expect(soakedFor).toBeGreaterThanOrEqual(of.soakMs);
      expect(world.canary).toBeNull();
      expect(world.gateways.filter(({ draining }) => draining)).toEqual([]);
      expect(world.gateways.filter(({ surge }) => surge !== null)).toEqual([]);
      const releases = new Set(world.gateways.map(({ release }) => release));
      if (end.state === "succeeded") expect([...releases]).toEqual([2]);
      else if (end.state !== "failed") expect([...releases]).toEqual([1]);
      // Only what must not go back, or found nothing to go back with, ends in between.
      else expect(end.mayGoBack && end.lost.length === 0 && end.replans < 20).toBe(false);
      if (of.nature === "never-healthy") expect(end.state).not.toBe("succeeded");
      if (of.abortAt === null && of.mayGoBack && of.nature === "never-healthy") {
        expect(end.state).toBe("rolled-back");
      }
    }),
    { seed: SEED, numRuns: RUNS },
  );
}, 60_000);
