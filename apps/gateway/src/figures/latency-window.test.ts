import { expect, test } from "vitest";
import { LatencyWindow } from "./latency-window.ts";

test("the 99th percentile is right within a bucket's width, and forgets after a minute", () => {
  const window = new LatencyWindow();
  expect(window.p99Ms(5_000)).toBeNull();
  for (let n = 1; n <= 1_000; n++) window.add(n, 5_000 + n);
  const p99 = window.p99Ms(6_000)!;
  expect(p99).toBeGreaterThanOrEqual(990);
  expect(p99).toBeLessThanOrEqual(990 * 1.12);
  window.add(2, 40_000);
  expect(window.p99Ms(59_000)).toBeGreaterThanOrEqual(990);
  expect(window.p99Ms(70_000)).toBeLessThan(3);
  expect(window.p99Ms(200_000)).toBeNull();
});
