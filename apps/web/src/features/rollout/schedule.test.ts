import type { RolloutPlan, RolloutStrategy } from "@chela/shared/fleet/view";
import { describe, expect, it } from "vitest";
import { schedule } from "./schedule.ts";

const step = (name: string, gateway: string | undefined, expectedMs: number) => ({
  name,
  ...(gateway === undefined ? {} : { gateway }),
  detail: "",
  expectedMs,
});
const place = (gateway: string, batch: number) => ({
  gateway,
  host: "a",
  role: "standby" as const,
  version: "1",
  batch,
});
const visit = (gateway: string) => [
  step("drain", gateway, 200),
  step("replace", gateway, 2_000),
  step("soak", gateway, 10_000),
];
const strategy = (over: Partial<RolloutStrategy> = {}): RolloutStrategy => ({
  batchSize: 1,
  maxUnavailable: 1,
  order: "stopFirst",
  soakMs: 10_000,
  canary: null,
  ...over,
});
const plan: Pick<RolloutPlan, "order" | "steps" | "strategy"> = {
  order: [place("gw-2", 1), place("gw-1", 2)],
  steps: [...visit("gw-2"), step("switchover", "gw-2", 150), ...visit("gw-1")],
  strategy: strategy(),
};

describe("a plan on one time scale", () => {
  it("lays the gateways one after another, replaced, then soaking", () => {
    const { rows, totalMs } = schedule(plan);
    expect(totalMs).toBe(24_550);
    expect(rows[0]?.bars).toEqual([
      { kind: "out", startMs: 0, ms: 2_200 },
      { kind: "soak", startMs: 2_200, ms: 10_000 },
    ]);
  });

  it("a switchover belongs to the gateway that gives, and names who takes", () => {
    const { rows, switchovers } = schedule(plan);
    expect(switchovers).toBe(1);
    expect(rows[1]).toMatchObject({ startMs: 12_200, handsOverTo: "gw-2" });
    expect(rows[1]?.bars[0]).toEqual({ kind: "sw", startMs: 12_200, ms: 150 });
  });

  it("begins after what is done for all of them", () => {
    const { rows } = schedule({ ...plan, steps: [step("image", undefined, 500), ...plan.steps] });
    expect(rows[0]?.startMs).toBe(500);
  });

  it("soaks a batch together, with no more of it out than may be", () => {
    const batch = {
      order: [place("gw-3", 1), place("gw-2", 1), place("gw-1", 2)],
      steps: ["gw-3", "gw-2", "gw-1"].flatMap(visit),
    };
    const starts = (maxUnavailable: number, order: RolloutStrategy["order"] = "stopFirst") =>
      schedule({ ...batch, strategy: strategy({ batchSize: 2, maxUnavailable, order }) }).rows.map(
        ({ bars }) => bars.map(({ startMs }) => startMs),
      );
    const atOnce = [
      [0, 2_200],
      [0, 2_200],
      [12_200, 14_400],
    ];
    expect(starts(2)).toEqual(atOnce);
    expect(starts(0, "startFirst")).toEqual(atOnce);
    expect(starts(1)).toEqual([
      [0, 4_400],
      [2_200, 4_400],
      [14_400, 16_600],
    ]);
  });

  it("stops at every gate, and counts only the waits that are known", () => {
    const canary: RolloutStrategy["canary"] = {
      stages: [
        { gateways: { count: 1 }, gate: { by: "time", ms: 60_000 } },
        { gateways: { count: 2 }, gate: { by: "approval" } },
      ],
    };
    const { gates, totalMs } = schedule({ ...plan, strategy: strategy({ canary }) });
    expect(gates.map(({ after, atMs }) => [after, atMs])).toEqual([
      [1, 12_200],
      [2, 84_550],
    ]);
    expect(totalMs).toBe(84_550);
  });
});
