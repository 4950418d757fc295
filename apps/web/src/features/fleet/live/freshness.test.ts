import { describe, expect, it } from "vitest";
import { ageOf, commandLock, freshnessOf } from "./freshness.ts";

const at = (heardAt: number | null) => ({ heardAt });

describe("freshness", () => {
  it("is live up to ten seconds after the last message, then stale whatever the connection says", () => {
    expect(freshnessOf(at(0), "open", 10_000).kind).toBe("live");
    expect(freshnessOf(at(0), "open", 10_001).kind).toBe("stale");
    expect(freshnessOf(at(0), "lost", 10_001).kind).toBe("stale");
  });

  it("says at once that the connection is gone", () => {
    expect(freshnessOf(at(0), "lost", 100)).toEqual({ kind: "reconnecting", ageMs: 100 });
  });

  it("locks commands on stale figures, with the reason", () => {
    expect(commandLock(freshnessOf(at(0), "lost", 14_200))).toContain("14 s old");
    expect(commandLock(freshnessOf(at(null), "connecting", 0))).not.toBeNull();
    expect(commandLock(freshnessOf(at(0), "open", 500))).toBeNull();
  });

  it("measures ages by the console's clock, however wrong the browser's is", () => {
    const observed = new Date(1_000_000).toISOString();
    expect(ageOf(observed, 3_600_000, 1_000_000 + 3_600_000 + 2_000)).toBe(2_000);
    expect(ageOf(observed, -5_000, 1_000_000 - 5_000)).toBe(0);
    expect(ageOf(null, 0, 0)).toBeNull();
  });
});
