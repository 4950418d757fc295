import { describe, expect, it } from "vitest";
import { sparkPaths } from "./spark-path.ts";

describe("sparkline", () => {
  it("leaves a gap where a value is not known", () => {
    const { line, area } = sparkPaths([1, 2, null, 3, 4], 100, 30);
    expect(line.match(/M/g)).toHaveLength(2);
    expect(area.match(/Z/g)).toHaveLength(2);
  });

  it("draws nothing from nothing", () => {
    expect(sparkPaths([], 100, 30)).toEqual({ line: "", area: "" });
    expect(sparkPaths([null, null], 100, 30)).toEqual({ line: "", area: "" });
  });

  it("stays inside its box, a level line included", () => {
    for (const values of [[5, 5, 5], [0, 0], [1, 1_000, 3], [7]]) {
      const ys = [...sparkPaths(values, 100, 30).line.matchAll(/[ML][\d.]+ (-?[\d.]+)/g)].map((m) =>
        Number(m[1]),
      );
      expect(Math.min(...ys)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...ys)).toBeLessThanOrEqual(30);
    }
  });
});
