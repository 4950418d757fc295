import { describe, expect, it } from "vitest";
import { faultOf } from "./fault.ts";

describe("what the control API said no with", () => {
  it("keeps the server's sentence, code and reason", () => {
    const error = Object.assign(new Error("gw-2 is draining."), {
      data: { code: "CONFLICT", reason: "plan-changed" },
    });
    expect(faultOf(error)).toEqual({
      code: "CONFLICT",
      reason: "plan-changed",
      sentence: "gw-2 is draining.",
    });
  });

  it("calls an answer that never came unreachable, without the browser's own words", () => {
    expect(faultOf(new TypeError("Failed to fetch"))).toMatchObject({
      code: "UNREACHABLE",
      reason: null,
    });
    expect(faultOf(null).code).toBe("UNREACHABLE");
  });
});
