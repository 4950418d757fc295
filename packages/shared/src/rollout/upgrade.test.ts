import { expect, it } from "vitest";
import { facts, gateway, rollout } from "./testing/fake-rollout.ts";
import { advanceRollout } from "./transition.ts";
import { upgradeRollout } from "./upgrade.ts";

const release = (number: number) => ({
  number,
  image: `chela/gateway:${number}`,
  imageId: `sha256:${number}`,
  tag: String(number),
});
/** As the first consoles kept it, in the middle of its second gateway. */
const first = {
  machine: "rollout" as const,
  from: release(1),
  to: release(2),
  soakMs: 1_000,
  direction: "forward" as const,
  mayGoBack: true,
  cause: null,
  paused: false,
  aborting: false,
  stage: { at: "drain", gateway: "b" },
  steps: [
    {
      name: "drain",
      gateway: "b",
      state: "running" as const,
      startedAt: null,
      ms: null,
      detail: null,
    },
  ],
  visit: 3,
  touched: ["a", "b"],
  done: ["a"],
  order: [],
  state: "running" as const,
  outcome: null,
  startedAtMs: 0,
};

it("a rollout that an earlier console left under way goes back, with the reason", () => {
  const upgraded = upgradeRollout(JSON.parse(JSON.stringify(first)));
  expect(upgraded).toMatchObject({ direction: "back", changed: ["a", "b"], drained: ["a", "b"] });
  expect(upgraded.cause?.message).toBe("The console was updated in the middle of it.");
  expect(upgraded.steps[0]?.state).toBe("skipped");
  const seen = facts([gateway("a", { release: 2 }), gateway("b"), gateway("c", { shards: 16 })]);
  expect(advanceRollout(upgraded, seen, new Map(), 0).lanes).toMatchObject([{ gateway: "b" }]);
});

it("one that was over stays as it ended", () => {
  const over = { ...first, state: "succeeded" as const, outcome: "Done.", steps: [] };
  expect(upgradeRollout(over)).toMatchObject({
    state: "succeeded",
    outcome: "Done.",
    phase: { at: "over" },
    done: ["a"],
  });
});

it("one of today is not touched", () => {
  const today = rollout();
  expect(upgradeRollout(today)).toBe(today);
});
