import type { AuditRecord } from "@chela/shared/audit/record";
import { describe, expect, it } from "vitest";
import { actionInWords, byDay, initials } from "./entries.ts";

describe("audit records in words", () => {
  it("keeps records of a day together, in order", () => {
    const record = (id: number, at: string) => ({ id, at }) as AuditRecord;
    const days = byDay(
      [record(3, "2026-11-22"), record(2, "2026-11-22"), record(1, "2026-11-21")],
      (iso) => iso,
    );
    expect(days.map((each) => [each.day, each.records.map((r) => r.id)])).toEqual([
      ["2026-11-22", [3, 2]],
      ["2026-11-21", [1]],
    ]);
  });

  it("shows an action it has no words for by its code", () => {
    expect(actionInWords("secrets.rotate").word).toBe("secrets.rotate");
  });

  it("finds two letters for anybody", () => {
    expect([
      initials("mira.kovac@example.com"),
      initials("admin@chela.local"),
      initials("Chela"),
      initials(""),
    ]).toEqual(["MK", "AD", "CH", "?"]);
  });
});
