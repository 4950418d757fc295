import { describe, expect, it } from "vitest";
import { ONE_AT_A_TIME, rollout } from "./testing/fake-rollout.ts";
import { clean, releases, replaced, three } from "./testing/said.ts";
import { World } from "./testing/world.ts";

describe("a bad release", () => {
  it.each([
    ["never-healthy", "not-healthy"],
    ["answers-errors", "error rate"],
    ["dies", "restarts"],
    ["slow", "accept p99"],
  ] as const)(
    "that %s goes back by itself, one gateway exposed, with the reason",
    (nature, why) => {
      const world = new World(rollout({ strategy: { ...ONE_AT_A_TIME, soakMs: 5_000 } }), three());
      world.natures[2] = nature;
      let exposed = 0;
      world.run(({ gateways }) => {
        exposed = Math.max(exposed, gateways.filter(({ release }) => release === 2).length);
      });
      expect(world.state.state).toBe("rolled-back");
      expect(world.state.outcome).toContain(why);
      expect(exposed).toBe(1);
      expect(releases(world)).toEqual([1, 1, 1]);
      clean(world);
    },
  );

  it("is withdrawn at once, its shards first given to one on the old release", () => {
    const gateways = [{ name: "a" }, { name: "b", shards: 16 }, { name: "c" }];
    const state = rollout({ strategy: { ...ONE_AT_A_TIME, soakMs: 60_000 }, changed: ["a"] });
    const world = new World(state, gateways);
    world.natures[2] = "good";
    world.run((seen) => {
      const [first] = replaced(seen);
      if (first !== undefined && seen.state.phase.at === "soak" && seen.natures[2] === "good") {
        seen.activate(first);
        seen.natures[2] = "answers-errors";
      }
    });
    const [bad] = replaced(world);
    const back = world.said.slice(world.said.findIndex((line) => line.includes("prefer")));
    expect(back[0]).toMatch(/-prefer-[abc] ok/);
    expect(back[0]).not.toContain(`-prefer-${bad} `);
    expect(back[1]).toContain(`-replace-${bad} ok`);
    clean(world);
  });

  it("goes back in reverse order, and a rollback is never rolled back", () => {
    const world = new World(rollout({ strategy: { ...ONE_AT_A_TIME, soakMs: 5_000 } }), three());
    world.run((seen) => {
      if (replaced(seen).length === 2) seen.natures[2] = "dies";
    });
    expect(replaced(world)).toEqual(["b", "c", "c", "b"]);
    const back = new World(rollout({ mayGoBack: false }), three());
    back.natures[2] = "never-healthy";
    expect(back.run().state).toBe("failed");
    expect(back.state.direction).toBe("forward");
    expect(back.gateways.some(({ draining }) => draining)).toBe(false);
  });

  it("leaves no container beside the old one where it was started first", () => {
    const strategy = { ...ONE_AT_A_TIME, order: "startFirst" as const, maxUnavailable: 0 };
    const world = new World(rollout({ strategy }), three());
    world.natures[2] = "never-healthy";
    expect(world.run().state).toBe("rolled-back");
    expect(replaced(world, "take-over")).toEqual([]);
    clean(world);
  });

  it("names what could not be put right, and brings the rest back", () => {
    const world = new World(rollout(), three());
    world.run((seen) => {
      if (replaced(seen).length < 2 || seen.refusing !== null) return;
      seen.state = { ...seen.state, aborting: true };
      seen.refusing = "c";
    });
    expect(world.state.state).toBe("failed");
    expect(world.state.outcome).toContain("c: no-answer.");
    expect(world.named("b").release).toBe(1);
  });
});

it("whoever cannot be asked to hand over on the way back is withdrawn instead", () => {
  const world = new World(rollout(), three());
  let deaf = false;
  world.run((seen) => {
    if (replaced(seen).length === 2 && seen.state.phase.at === "soak" && !deaf) {
      deaf = true;
      seen.undrainable = "b";
      seen.state = { ...seen.state, aborting: true };
    }
  });
  expect(world.state.state).toBe("aborted");
  expect(releases(world)).toEqual([1, 1, 1]);
});
