import type { RolloutProgress } from "@chela/shared/fleet/view";
import { describe, expect, it } from "vitest";
import { approvable, gatesIn } from "./stages.ts";

const rollout = (over: Partial<RolloutProgress> = {}) =>
  ({
    order: ["gw-3", "gw-2", "gw-1"].map((gateway) => ({ gateway, host: "a", role: "standby" })),
    strategy: {
      canary: {
        stages: [
          { gateways: { count: 1 }, gate: { by: "approval" } },
          { gateways: { percent: 60 }, gate: { by: "time", ms: 1_000 } },
        ],
      },
    },
    direction: "forward",
    done: [],
    gate: null,
    ...over,
  }) as unknown as RolloutProgress;

describe("gates of a running rollout", () => {
  it("stand after so many gateways, and are ahead until those are through", () => {
    expect(gatesIn(rollout()).map(({ after, state }) => [after, state])).toEqual([
      [1, "ahead"],
      [2, "ahead"],
    ]);
  });

  it("give the approval the stage that the console named", () => {
    const waiting = rollout({
      done: ["gw-3"],
      gate: { stage: "canary-1", needs: "approval", untilAt: null },
    });
    expect(approvable(waiting)).toMatchObject({ number: 1, stage: "canary-1", state: "waiting" });
    expect(gatesIn(waiting).map(({ state }) => state)).toEqual(["waiting", "ahead"]);
  });

  it("are told apart where a small fleet makes two stages one", () => {
    const small = rollout({
      order: rollout().order.slice(0, 1),
      done: ["gw-3"],
      gate: { stage: "canary-1", needs: "approval", untilAt: null },
    });
    expect(gatesIn(small).map(({ after, state }) => [after, state])).toEqual([
      [1, "waiting"],
      [1, "ahead"],
    ]);
  });

  it("have nothing to approve while only time is waited for", () => {
    const timed = rollout({
      done: ["gw-3", "gw-2"],
      gate: { stage: "canary-2", needs: "time", untilAt: "2026-11-22T12:00:00.000Z" },
    });
    expect(approvable(timed)).toBeNull();
    expect(gatesIn(timed).map(({ state }) => state)).toEqual(["passed", "waiting"]);
  });

  it("hold nothing up on the way back", () => {
    expect(gatesIn(rollout({ direction: "back" }))).toEqual([]);
  });
});
