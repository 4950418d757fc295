import { describe, expect, it } from "vitest";
import { fakeView, release } from "../fleet/testing/fake-view.ts";
import { rolloutFacts } from "./facts.ts";
import { forecast, learned } from "./forecast.ts";
import { beginRollout, changesOf, planRollout, type RolloutInput } from "./plan.ts";
import { fillStrategy, type StrategyInput } from "./strategy.ts";
import { World } from "./testing/world.ts";

const view = fakeView([
  { name: "a", release: 1, shards: 16, host: "h1" },
  { name: "b", release: 1, shards: 0, host: "h1" },
  { name: "c", release: 1, shards: 0, host: "h2" },
]);
const input = (strategy: StrategyInput, over: Partial<RolloutInput> = {}): RolloutInput => ({
  from: release(1),
  to: release(2),
  strategy: fillStrategy({ soakMs: 1_000, ...strategy }, { gateways: 3, floor: 1 }),
  floor: 1,
  expected: {},
  mayGoBack: true,
  ...over,
});
const plan = (strategy: StrategyInput, over: Partial<RolloutInput> = {}) =>
  planRollout(view, input(strategy, over), { image: "i:2", imageId: "sha256:2" }, [], "hash");

describe("a dry run", () => {
  it("shows the exact order, batch by batch", () => {
    const order = (strategy: StrategyInput) =>
      plan(strategy).order.map(({ gateway, batch }) => `${batch} ${gateway}`);
    expect(order({})).toEqual(["1 b", "2 c", "3 a"]);
    expect(order({ batchSize: 2 })).toEqual(["1 b", "1 c", "2 a"]);
    expect(order({ startFirst: true })).toEqual(["1 b", "2 c", "3 a"]);
  });

  it("shows the very steps that the machine then takes", () => {
    for (const strategy of [{}, { batchSize: 2 }, { startFirst: true }, { canary: true }]) {
      const planned = plan(strategy).steps.map(({ name, gateway }) => `${name} ${gateway ?? ""}`);
      const world = new World(
        { ...beginRollout(view, input(strategy), 0), phase: { at: "batch" } },
        view.gateways.map(({ name, shards, host }) => ({ name, shards, host })),
      );
      world.run(({ state }) => {
        if (state.phase.at === "gate" && state.phase.approvedBy === null) {
          world.state = { ...state, phase: { ...state.phase, approvedBy: "ann" } };
        }
      });
      const taken = world.state.steps.map(({ name, gateway }) => `${name} ${gateway ?? ""}`);
      expect(taken.sort()).toEqual(planned.sort());
    }
  });

  it("says what each step and all of it will take, from what was measured before", () => {
    const slow = plan({}, { expected: { replace: 9_000 } });
    expect(slow.steps.find(({ name }) => name === "replace")?.expectedMs).toBe(9_000);
    expect(slow.steps.find(({ name }) => name === "soak")?.expectedMs).toBe(1_000);
    expect(slow.expectedMs).toBeGreaterThan(3 * (9_000 + 1_000));
    expect(plan({}).expectedMs).toBeLessThan(slow.expectedMs);
  });

  it("takes less time side by side", () => {
    expect(plan({ batchSize: 2 }).expectedMs).toBeLessThan(plan({}).expectedMs);
  });
});

it("the time left shrinks as it goes on, and is unknown where it waits for a gateway", () => {
  const begun = beginRollout(view, input({}), 0);
  const facts = rolloutFacts(view, null);
  const first = forecast(begun, facts, 0);
  expect(first.end.state).toBe("succeeded");
  const later = forecast({ ...begun, phase: { at: "batch" }, done: ["b"] }, facts, 0);
  expect(later.ms).toBeLessThan(first.ms!);
  const alone = fakeView([{ name: "a", release: 1, shards: 16 }]);
  expect(forecast(beginRollout(alone, input({}), 0), rolloutFacts(alone, null), 0).ms).toBeNull();
});

it("learns the middle one of what was measured, of steps that were done", () => {
  const step = (name: string, ms: number, state = "done") => ({ name, state, ms });
  const steps = [step("drain", 10), step("drain", 90), step("drain", 40), step("soak", 10_000)];
  expect(learned([...steps, step("back", 5, "failed")])).toEqual({ drain: 40 });
});

it("says which part of the release changes", () => {
  const now = release(1);
  expect(changesOf(now, { ...now, configHash: "other" })).toEqual(["configuration"]);
  expect(changesOf(now, { ...now, imageId: "other" })).toEqual(["image"]);
  expect(changesOf(now, release(2))).toEqual(["image", "configuration"]);
  expect(changesOf(now, now)).toEqual([]);
});
