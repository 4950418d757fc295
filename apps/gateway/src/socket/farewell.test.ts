import fc from "fast-check";
import { expect, test } from "vitest";
import { DRAIN_MS } from "../drain/drain.ts";
import { FAREWELL_MS, toldBy } from "./farewell.ts";

test("a few sockets are told within a moment", () => {
  expect(toldBy(1, 0)).toBe(1);
  expect(toldBy(50, 100)).toBe(50);
});

test("ten thousand are told evenly over the window, at most two a millisecond", () => {
  let before = 0;
  for (let ms = 0; ms <= FAREWELL_MS; ms += 25) {
    const told = toldBy(10_000, ms);
    if (ms < FAREWELL_MS) expect(told - before).toBeLessThanOrEqual(25 * 2);
    before = told;
  }
  expect(before).toBe(10_000);
  expect(toldBy(10_000, FAREWELL_MS / 2)).toBeGreaterThan(4_500);
  expect(toldBy(10_000, FAREWELL_MS / 2)).toBeLessThan(5_500);
});

test("all are told in time, and nobody is untold again", () => {
  fc.assert(
    fc.property(fc.nat(20_000), fc.nat(FAREWELL_MS), fc.nat(1_000), (sockets, ms, more) => {
      expect(toldBy(sockets, ms)).toBeLessThanOrEqual(sockets);
      expect(toldBy(sockets, ms + more)).toBeGreaterThanOrEqual(toldBy(sockets, ms));
      expect(toldBy(sockets, FAREWELL_MS)).toBe(sockets);
    }),
  );
  expect(FAREWELL_MS).toBeLessThan(DRAIN_MS);
});
