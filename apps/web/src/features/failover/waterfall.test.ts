import { describe, expect, it } from "vitest";
import { waterfall } from "./waterfall.ts";

describe("waterfall", () => {
  it("lays the steps end to end over the whole width", () => {
    expect(waterfall([10, 30, null, 60])).toEqual([
      { left: 0, width: 10 },
      { left: 10, width: 30 },
      { left: 40, width: 0 },
      { left: 40, width: 60 },
    ]);
  });

  it("survives steps that nothing is known of", () => {
    expect(waterfall([null, 0])).toEqual([
      { left: 0, width: 0 },
      { left: 0, width: 0 },
    ]);
  });
});
