import type { RolloutPlan } from "@chela/shared/fleet/view";
import { describe, expect, it } from "vitest";
import { schedule } from "./schedule.ts";

const step = (name: string, gateway: string, expectedMs: number) => ({
  name,
  gateway,
  detail: "",
  expectedMs,
});
const plan: Pick<RolloutPlan, "order" | "steps"> = {
  order: [
    { gateway: "gw-2", host: "a", role: "standby", version: "1" },
    { gateway: "gw-1", host: "b", role: "active", version: "1" },
  ],
  steps: [
    step("drain", "gw-2", 200),
    step("replace", "gw-2", 2_000),
    step("soak", "gw-2", 10_000),
    step("switchover", "gw-2", 150),
    step("drain", "gw-1", 200),
    step("replace", "gw-1", 2_000),
    step("soak", "gw-1", 10_000),
  ],
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
});
