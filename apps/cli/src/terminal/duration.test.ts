import { describe, expect, it } from "vitest";
import { bytes, duration, parseDuration } from "./duration.ts";

describe("a time on the command line", () => {
  it("is read with its units, a number alone as seconds", () => {
    expect(["10", "90s", "1m30s", "500ms", "2h", "0"].map(parseDuration)).toEqual([
      10_000, 90_000, 90_000, 500, 7_200_000, 0,
    ]);
  });

  it("is refused where a part of it cannot be read", () => {
    for (const wrong of ["", "s", "10x", "1m 30s", "-5s", "1.5s", "10sx"]) {
      expect(() => parseDuration(wrong), wrong).toThrow("A time looks like");
    }
  });
});

it("durations and sizes are short", () => {
  expect([69, 1_234, 42_000, 95_000, 7_260_000, 200_000_000].map(duration)).toEqual([
    "69 ms",
    "1.2 s",
    "42 s",
    "1 min 35 s",
    "2 h 1 min",
    "2 days",
  ]);
  expect([0, 1_023, 1_536, 148 * 1024 ** 2].map(bytes)).toEqual([
    "0 B",
    "1023 B",
    "1.5 KiB",
    "148 MiB",
  ]);
});
