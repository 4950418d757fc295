import { describe, expect, it } from "vitest";
import {
  bytes,
  clockTime,
  count,
  decimal,
  duration,
  expected,
  percent,
  plural,
  shortDigest,
  span,
} from "./format.ts";

describe("figures in words", () => {
  it("shows what is not known as a dash, never as zero", () => {
    for (const say of [count, decimal, percent, duration, bytes]) expect(say(null)).toBe("–");
  });

  it("gives durations the unit a reader expects", () => {
    expect([0.4, 46, 999, 1_472, 12_400, 186_000, 3_723_000].map(duration)).toEqual([
      "0 ms",
      "46 ms",
      "999 ms",
      "1.47 s",
      "12.4 s",
      "3:06",
      "1:02:03",
    ]);
  });

  it("says of an expectation that it is one", () => {
    expect([4, 83, 1_200, 34_000, 120_000, null].map(expected)).toEqual([
      "~10 ms",
      "~80 ms",
      "~1.2 s",
      "~34 s",
      "~2 min",
      "unknown",
    ]);
  });

  it("rounds ages down, so that nothing looks older than it is", () => {
    expect([-5, 900, 59_999, 61_000, 7_300_000, 6 * 86_400_000].map(span)).toEqual([
      "0 s",
      "0 s",
      "59 s",
      "1 min",
      "2 h",
      "6 d",
    ]);
  });

  it("groups, rounds and pluralises", () => {
    expect(count(2_846)).toBe("2,846");
    expect([percent(0.0471), percent(0), percent(1)]).toEqual(["4.7", "0", "100"]);
    expect([decimal(38.26), decimal(1_914.2), decimal(0)]).toEqual(["38.3", "1,914", "0"]);
    expect([plural(1, "gateway"), plural(2, "gateway")]).toEqual(["1 gateway", "2 gateways"]);
    expect([bytes(214 * 2 ** 20), bytes(7 * 2 ** 30), bytes(12)]).toEqual([
      "214 MB",
      "7.0 GB",
      "12 B",
    ]);
    expect(clockTime(7_000)).toBe("0:07");
    expect(shortDigest(`sha256:${"7c1e".repeat(16)}`)).toBe("7c1e7c1e7c1e");
  });
});
