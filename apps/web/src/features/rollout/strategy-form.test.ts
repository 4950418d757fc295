import type { RolloutStrategy } from "@chela/shared/fleet/view";
import { describe, expect, it } from "vitest";
import {
  firstStrategy,
  gatesOf,
  type StageForm,
  type StrategyForm,
  strategyInput,
  strategyInWords,
  withoutStage,
  withStage,
  withStageChange,
} from "./strategy-form.ts";

const form = (over: Partial<StrategyForm> = {}): StrategyForm => ({ ...firstStrategy(3), ...over });
const stage = (over: Partial<StageForm>): StageForm => ({
  key: "a",
  unit: "count",
  amount: "1",
  gate: "approval",
  waitS: "60",
  ...over,
});
const strategy = (over: Partial<RolloutStrategy> = {}): RolloutStrategy => ({
  batchSize: 1,
  maxUnavailable: 1,
  order: "stopFirst",
  soakMs: 10_000,
  canary: null,
  ...over,
});

describe("a strategy as it is typed", () => {
  it("asks for nothing that was not chosen", () => {
    expect(strategyInput(form(), 3)).toEqual({
      input: { soakMs: 10_000, order: "stopFirst" },
      faults: null,
    });
  });

  it("carries batches, and at most as many out as a batch holds", () => {
    const batches = form({ kind: "batches", batchSize: "2", maxUnavailable: "2" });
    expect(strategyInput(batches, 4).input).toMatchObject({ batchSize: 2, maxUnavailable: 2 });
    expect(strategyInput({ ...batches, maxUnavailable: "3" }, 4).faults).toEqual({
      maxUnavailable: "1 to 2 gateways.",
    });
  });

  it("has nobody out where new ones are started first, as a gateway that is alone needs", () => {
    expect(firstStrategy(1).order).toBe("startFirst");
    const { input } = strategyInput(
      form({ kind: "batches", batchSize: "2", order: "startFirst" }),
      4,
    );
    expect(input).toEqual({ soakMs: 10_000, order: "startFirst", batchSize: 2 });
  });

  it("carries each stage with the gate it has", () => {
    const stages = [
      stage({ key: "a" }),
      stage({ key: "b", unit: "percent", amount: "50", gate: "time", waitS: "90" }),
    ];
    expect(strategyInput(form({ kind: "canary", stages }), 4).input?.canary).toEqual({
      stages: [
        { count: 1, approval: true },
        { percent: 50, waitMs: 90_000 },
      ],
    });
  });

  it("names the field of every fault, all at once", () => {
    const stages = [stage({ key: "a", amount: "0" }), stage({ key: "b", gate: "time", waitS: "" })];
    const { faults } = strategyInput(form({ kind: "canary", soakS: "1.5", stages }), 3);
    expect(Object.keys(faults ?? {}).sort()).toEqual(["a.amount", "b.waitS", "soakS"]);
  });

  it("refuses a stage that adds nobody", () => {
    const stages = [
      stage({ key: "a", amount: "2" }),
      stage({ key: "b", unit: "percent", amount: "50" }),
    ];
    expect(strategyInput(form({ kind: "canary", stages }), 4).faults).toEqual({
      "b.amount": "More than the stage before it.",
    });
  });

  it("keeps what is typed in the other stages when one comes or goes", () => {
    const two = withStage(withStageChange(form(), "1", { amount: "7" }), "2");
    expect(two.stages.map(({ key, amount }) => [key, amount])).toEqual([
      ["1", "7"],
      ["2", "50"],
    ]);
    expect(withoutStage(two, "1").stages.map(({ key }) => key)).toEqual(["2"]);
  });
});

describe("a strategy in words", () => {
  it("says what happens together and what waits", () => {
    const canary = { stages: [{ gateways: { count: 1 }, gate: { by: "approval" as const } }] };
    expect([
      strategyInWords(strategy()),
      strategyInWords(strategy({ order: "startFirst" })),
      strategyInWords(strategy({ batchSize: 2 })),
      strategyInWords(strategy({ canary })),
    ]).toEqual([
      "One at a time",
      "One at a time, new ones started first",
      "Batches of 2, at most 1 out",
      "Canary, then one at a time",
    ]);
  });

  it("rounds a share of the fleet up", () => {
    const canary: RolloutStrategy["canary"] = {
      stages: [
        { gateways: { percent: 10 }, gate: { by: "approval" } },
        { gateways: { percent: 50 }, gate: { by: "time", ms: 5 } },
        { gateways: { count: 9 }, gate: { by: "approval" } },
      ],
    };
    expect(gatesOf({ canary }, 3).map(({ after }) => after)).toEqual([1, 2, 3]);
    expect(gatesOf({ canary: null }, 3)).toEqual([]);
  });
});
