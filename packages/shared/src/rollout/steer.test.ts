import { expect, it } from "vitest";
import { approveRollout, pauseRollout } from "./steer.ts";
import { rollout } from "./testing/fake-rollout.ts";

const waits = rollout({ phase: { at: "gate", stage: 1, untilMs: null, approvedBy: null } });
const reason = (reason: string) => expect.objectContaining({ reason });

it("an approval counts for the stage that was looked at, and for no other", () => {
  expect(approveRollout(waits, "canary-2", "ann").phase).toMatchObject({ approvedBy: "ann" });
  expect(() => approveRollout(waits, "canary-1", "ann")).toThrow(reason("stage-passed"));
  expect(() => approveRollout(waits, "canary-1", "ann")).toThrow("It waits at canary-2");
  expect(() => approveRollout(waits, undefined, "ann")).toThrow(reason("stage-missing"));
  expect(() => approveRollout(rollout(), "canary-1", "ann")).toThrow(reason("nothing-waits"));
});

it("only what goes forward is paused", () => {
  expect(pauseRollout(rollout(), true).paused).toBe(true);
  expect(() => pauseRollout(rollout({ direction: "back" }), true)).toThrow(reason("going-back"));
});
