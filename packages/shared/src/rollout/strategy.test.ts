import { describe, expect, it } from "vitest";
import type { Refusal } from "../errors/refusal.ts";
import { fillStrategy, type StrategyInput, stageTarget } from "./strategy.ts";

const three = { gateways: 3, floor: 1 };
const reason = (input: StrategyInput, fleet = three): string => {
  try {
    fillStrategy(input, fleet);
    return "taken";
  } catch (error) {
    return (error as Refusal).reason;
  }
};

describe("a strategy", () => {
  it("that says nothing is one at a time, soak 10 s, no gate", () => {
    expect(fillStrategy({}, three)).toEqual({
      batchSize: 1,
      maxUnavailable: 1,
      order: "stopFirst",
      soakMs: 10_000,
      canary: null,
    });
  });

  it("with a batch takes as many out together as the floor allows", () => {
    const of = (input: StrategyInput, fleet = three) => fillStrategy(input, fleet).maxUnavailable;
    expect(of({ batchSize: 2 })).toBe(2);
    expect(of({ batchSize: 3 })).toBe(2);
    expect(of({ batchSize: 3 }, { gateways: 3, floor: 2 })).toBe(1);
    expect(of({ batchSize: 2, maxUnavailable: 1 })).toBe(1);
  });

  it("is start-first by either word, and where no gateway can be spared", () => {
    expect(fillStrategy({ startFirst: true }, three)).toMatchObject({
      order: "startFirst",
      maxUnavailable: 0,
    });
    expect(fillStrategy({ order: "startFirst" }, three).order).toBe("startFirst");
    expect(fillStrategy({}, { gateways: 1, floor: 1 }).order).toBe("startFirst");
  });

  it("with a canary that says no more is one gateway, then by approval", () => {
    const one = { stages: [{ gateways: { count: 1 }, gate: { by: "approval" } }] };
    expect(fillStrategy({ canary: true }, three).canary).toEqual(one);
    expect(fillStrategy({ canary: {} }, three).canary).toEqual(one);
    expect(fillStrategy({ canary: { stages: [{}] } }, three).canary).toEqual(one);
    expect(fillStrategy({ canary: false }, three).canary).toBeNull();
    expect(
      fillStrategy({ canary: { stages: [{ percent: 10, waitMs: 5 }] } }, three).canary?.stages,
    ).toEqual([{ gateways: { percent: 10 }, gate: { by: "time", ms: 5 } }]);
  });

  it.each<[string, StrategyInput]>([
    ["order-contradicts", { startFirst: true, stopFirst: true }],
    ["order-contradicts", { order: "stopFirst", startFirst: true }],
    ["nothing-may-go", { maxUnavailable: 0 }],
    ["floor-would-break", { batchSize: 3, maxUnavailable: 3 }],
    ["max-unavailable-over-batch", { maxUnavailable: 2 }],
    ["stage-size", { canary: { stages: [{ percent: 10, count: 1 }] } }],
    ["stage-gate", { canary: { stages: [{ waitMs: 1, approval: true }] } }],
    ["stage-gate", { canary: { stages: [{ approval: false }] } }],
    ["stages-falling", { canary: { stages: [{ count: 2 }, { count: 1 }] } }],
    ["stages-falling", { canary: { stages: [{ percent: 20 }, { percent: 10 }] } }],
    ["stage-too-large", { canary: { stages: [{ count: 4 }] } }],
    ["taken", { canary: { stages: [{ percent: 10 }, { percent: 20 }, { count: 3 }] } }],
  ])("is refused as %s: %o", (code, input) => {
    expect(reason(input)).toBe(code);
  });

  it("never takes a lone gateway away first", () => {
    expect(reason({ order: "stopFirst" }, { gateways: 1, floor: 1 })).toBe("floor-would-break");
  });
});

it("a stage's percent is rounded up, its count bounded by the fleet", () => {
  const gate = { by: "approval" as const };
  expect(stageTarget({ gateways: { percent: 1 }, gate }, 3)).toBe(1);
  expect(stageTarget({ gateways: { percent: 34 }, gate }, 3)).toBe(2);
  expect(stageTarget({ gateways: { count: 9 }, gate }, 3)).toBe(3);
});
