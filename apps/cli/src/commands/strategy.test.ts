import { describe, expect, it } from "vitest";
import { parseStages, strategyOf } from "./strategy.ts";

describe("--canary", () => {
  it("reads counts and percents, with approval where no gate is said", () => {
    expect(parseStages("1,25%:approve, 50%:60s")).toEqual([
      { count: 1, approval: true },
      { percent: 25, approval: true },
      { percent: 50, waitMs: 60_000 },
    ]);
  });

  it("is refused where a stage cannot be read, rather than rolled out some other way", () => {
    for (const wrong of ["", "0", "101%", "25%:", "one", "25%:soon", "1,,2", "1:approve:60s"]) {
      expect(() => parseStages(wrong), wrong).toThrow();
    }
  });
});

it("a strategy holds what was asked for and nothing else", () => {
  expect(strategyOf({})).toEqual({});
  expect(strategyOf({ batchSize: 2, startFirst: true, soak: 0 })).toEqual({
    batchSize: 2,
    order: "startFirst",
    soakMs: 0,
  });
});
