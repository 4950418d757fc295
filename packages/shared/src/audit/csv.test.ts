import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csvLine } from "./csv.ts";

/** RFC 4180, read back. */
function cellsOf(line: string): string[] {
  return [...`,${line.slice(0, -2)}`.matchAll(/,(?:"((?:[^"]|"")*)"|([^,"]*))/g)].map(
    ([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare ?? "",
  );
}

describe("a line of CSV", () => {
  it.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =cmd|' /C calc'!A0", "\n=1"])(
    "lets no spreadsheet run %j",
    (text) => {
      expect(cellsOf(csvLine(["a", text]))[1]).toBe(`'${text}`);
    },
  );

  it("is read back as it was written, but for the apostrophe", () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1 }), (cells) => {
        const read = cellsOf(csvLine(cells));
        expect(
          read.map((cell, index) => (cell === `'${cells[index]}` ? cells[index] : cell)),
        ).toEqual(cells);
        for (const cell of read) expect(cell).not.toMatch(/^\s*[=+\-@]/);
      }),
    );
  });
});
