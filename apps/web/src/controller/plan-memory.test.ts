import { describe, expect, it } from "vitest";
import { PlanMemory } from "./plan-memory.ts";

describe("a plan", () => {
  it("that no longer fits is refused with the difference", () => {
    const plans = new PlanMemory();
    const hash = plans.remember({ generation: "1", holders: "gw-1" });
    expect(() => plans.mustFit(hash, { generation: "1", holders: "gw-1" })).not.toThrow();
    expect(() => plans.mustFit(hash, { generation: "2", holders: "gw-1" })).toThrow(
      "generation was 1, is 2",
    );
    expect(() => plans.mustFit(undefined, { generation: "9" })).not.toThrow();
  });
});
