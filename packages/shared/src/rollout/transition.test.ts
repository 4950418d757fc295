import { describe, expect, it } from "vitest";
import { ONE_AT_A_TIME, rollout } from "./testing/fake-rollout.ts";
import { clean, releases, replaced, three } from "./testing/said.ts";
import { World } from "./testing/world.ts";

describe("a rollout forward", () => {
  it("goes one at a time, standbys first, the active last after a switchover to one that has soaked", () => {
    const world = new World(rollout(), three());
    expect(world.run().state).toBe("succeeded");
    expect(replaced(world)).toEqual(["b", "c", "a"]);
    expect(world.said.filter((line) => line.includes("handover"))).toHaveLength(1);
    clean(world);
  });

  it("changes a batch side by side, and no more at once than may be out", () => {
    const strategy = { ...ONE_AT_A_TIME, batchSize: 2, maxUnavailable: 2 };
    const world = new World(rollout({ strategy }), three());
    let together = 0;
    world.run(({ gateways }) => {
      together = Math.max(together, gateways.filter(({ draining }) => draining).length);
    });
    expect(together).toBe(2);
    const names = world.state.steps.filter(({ name }) => name === "soak");
    expect(names.map(({ gateway }) => gateway)).toEqual(["b", "c", "a"]);
    expect(names[0]?.startedAt).toBe(names[1]?.startedAt);
    clean(world);
  });

  it("takes other hosts and regions first where a batch can be spread", () => {
    const strategy = { ...ONE_AT_A_TIME, batchSize: 2, maxUnavailable: 1 };
    const world = new World(rollout({ strategy }), [
      { name: "a", host: "h1", shards: 16 },
      { name: "b", host: "h1" },
      { name: "c", host: "h1" },
      { name: "d", host: "h2" },
    ]);
    world.run();
    expect(replaced(world)).toEqual(["b", "d", "c", "a"]);
    clean(world);
  });

  it("has nobody out while the new one is started first, also where there is only one gateway", () => {
    const strategy = { ...ONE_AT_A_TIME, order: "startFirst" as const, maxUnavailable: 0 };
    for (const gateways of [three(), [{ name: "a", shards: 16 }]]) {
      const world = new World(rollout({ strategy }), gateways);
      let least = gateways.length;
      world.run((seen) => {
        least = Math.min(least, seen.gateways.filter((each) => seen.healthy(each)).length);
      });
      expect(world.state.state).toBe("succeeded");
      expect(least).toBe(gateways.length);
      expect(replaced(world)).toEqual([]);
      expect(replaced(world, "take-over")).toHaveLength(gateways.length);
      clean(world);
    }
  });

  it("follows a failover in the middle: the order changes, the outcome does not", () => {
    const world = new World(rollout(), three());
    world.run((seen) => {
      if (replaced(seen).length === 1 && seen.named("a").shards > 0) seen.activate("c");
    });
    expect(world.state.state).toBe("succeeded");
    expect(replaced(world)).toEqual(["b", "a", "c"]);
    clean(world);
  });

  it("starts nothing while it is paused, and ends after it is resumed", () => {
    const world = new World(rollout({ paused: true }), three());
    for (let tick = 0; tick < 50; tick++) world.step();
    expect(world.said).toEqual([]);
    expect(world.state.waiting?.for).toBe("resume");
    world.state = { ...world.state, paused: false };
    expect(world.run().state).toBe("succeeded");
  });

  it("waits for another healthy gateway rather than take the last one, and says so; not for ever", () => {
    const alone = new World(rollout(), [{ name: "a", shards: 16 }]);
    for (let tick = 0; tick < 20; tick++) alone.step();
    expect(alone.state.waiting?.for).toBe("another healthy gateway besides a");
    expect(alone.run().state).toBe("rolled-back");
    expect(alone.state.outcome).toContain("It has waited 10 min");
  });

  it("says of too little traffic that it was not enough to judge", () => {
    const world = new World(rollout(), three());
    world.run(({ gateways }) => {
      for (const each of gateways) each.requests = 0;
    });
    expect(world.state.outcome).toContain("not enough traffic to judge the release");
    expect(world.state.steps.find(({ name }) => name === "soak")?.detail).toContain("not enough");
  });
});

describe("a canary", () => {
  const canary = {
    stages: [
      { gateways: { count: 1 }, gate: { by: "approval" as const } },
      { gateways: { percent: 60 }, gate: { by: "time" as const, ms: 5_000 } },
    ],
  };

  it("holds its share at each stage, waits for the approval, then for the time, then takes the rest", () => {
    const world = new World(rollout({ strategy: { ...ONE_AT_A_TIME, canary } }), three());
    for (let tick = 0; tick < 200; tick++) world.step();
    expect(world.state.phase).toMatchObject({ at: "gate", stage: 0, untilMs: null });
    expect(world.canary).toEqual({ gateways: ["b"], percent: 34 });
    expect(replaced(world)).toEqual(["b"]);
    if (world.state.phase.at !== "gate") return;
    world.state = { ...world.state, phase: { ...world.state.phase, approvedBy: "ann" } };
    let gated = 0;
    world.run((seen) => {
      if (seen.state.phase.at !== "gate" || seen.state.phase.stage !== 1) return;
      gated += 100;
      expect(seen.canary).toEqual({ gateways: ["b", "c"], percent: 60 });
    });
    expect(gated).toBeGreaterThanOrEqual(5_000);
    expect(world.state.state).toBe("succeeded");
    const gate = world.state.steps.find(({ name }) => name === "canary-1");
    expect(gate?.detail).toBe("Approved by ann.");
    clean(world);
  });

  it("is judged all the while it waits: what begins late turns it back too", () => {
    const world = new World(rollout({ strategy: { ...ONE_AT_A_TIME, canary } }), three());
    let turnedAt = 0;
    world.run((seen, tick) => {
      if (tick === 300) seen.natures[2] = "answers-errors";
      if (turnedAt === 0 && seen.state.direction === "back") turnedAt = tick;
    });
    expect(turnedAt - 300).toBeLessThanOrEqual(20);
    expect(world.state.state).toBe("rolled-back");
    expect(releases(world)).toEqual([1, 1, 1]);
    clean(world);
  });
});

it("an abort is heard at once in every state, and brings every changed gateway back", () => {
  const strategies = [
    ONE_AT_A_TIME,
    { ...ONE_AT_A_TIME, batchSize: 2, maxUnavailable: 2 },
    { ...ONE_AT_A_TIME, order: "startFirst" as const, maxUnavailable: 0 },
    {
      ...ONE_AT_A_TIME,
      canary: { stages: [{ gateways: { count: 1 }, gate: { by: "time" as const, ms: 1_000 } }] },
    },
  ];
  for (const strategy of strategies) {
    for (let at = 0; at < 80; at++) {
      const world = new World(rollout({ strategy }), three());
      world.run((seen, tick) => {
        if (tick === at) seen.state = { ...seen.state, aborting: true };
        if (tick > at)
          expect(seen.state.direction === "back" || seen.state.phase.at === "over").toBe(true);
      });
      if (world.state.state === "succeeded") break;
      expect(world.state.state, `at ${at}: ${world.state.outcome}`).toBe("aborted");
      expect(releases(world), `at ${at}`).toEqual([1, 1, 1]);
      clean(world);
    }
  }
});

it("watches from where it began, whoever goes on with it", () => {
  const world = new World(rollout({ strategy: { ...ONE_AT_A_TIME, soakMs: 60_000 } }), three());
  while (world.state.phase.at !== "soak") world.step();
  const kept = JSON.parse(JSON.stringify(world.state));
  world.nowMs += 20_000;
  world.state = kept;
  world.step();
  expect(world.state.watch?.sinceMs).toBe(kept.watch.sinceMs);
  expect(world.state.phase).toEqual(kept.phase);
});
