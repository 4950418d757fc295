import type { OperationView } from "@chela/shared/fleet/view";
import { describe, expect, it } from "vitest";
import { elapsedMs, phaseOf } from "./phase.ts";

const operation = (id: string, to: string, endedAt: string | null = null) =>
  ({
    id,
    failover: { from: ["gw-1"], to },
    startedAt: "2026-11-22T12:00:00.000Z",
    endedAt,
  }) as OperationView;
const over = "2026-11-22T12:00:01.472Z";
const index = (...all: OperationView[]) => Object.fromEntries(all.map((each) => [each.id, each]));

describe("what the promote sheet shows", () => {
  it("reviews when nothing runs for this gateway", () => {
    expect(phaseOf("gw-2", null, {}).kind).toBe("review");
    expect(
      phaseOf("gw-2", null, index(operation("a", "gw-3"), operation("b", "gw-2", over))).kind,
    ).toBe("review");
  });

  it("finds the running operation again after it was closed", () => {
    expect(phaseOf("gw-2", null, index(operation("a", "gw-2")))).toMatchObject({ kind: "running" });
  });

  it("shows the pinned operation's end", () => {
    expect(phaseOf("gw-2", "a", index(operation("a", "gw-2", over))).kind).toBe("over");
  });

  it("never shows another gateway's operation as its own, whatever the address says", () => {
    expect(phaseOf("gw-2", "a", index(operation("a", "gw-3", over))).kind).toBe("review");
  });

  it("measures to the end, or to now", () => {
    expect(elapsedMs(operation("a", "gw-2", over), 0)).toBe(1_472);
    expect(elapsedMs(operation("a", "gw-2"), Date.parse("2026-11-22T12:00:00.300Z"))).toBe(300);
  });
});
