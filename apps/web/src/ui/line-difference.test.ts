import { describe, expect, it } from "vitest";
import { differenceInWords, lineDifference, withContext } from "./line-difference.ts";

const marks = (before: string, after: string) =>
  lineDifference(before, after).map(
    ({ kind, text }) => `${{ same: " ", added: "+", removed: "-" }[kind]}${text}`,
  );

describe("the difference of two texts", () => {
  it("keeps what is the same and numbers both sides", () => {
    expect(marks("a\nb\nc", "a\nx\nc\nd")).toEqual([" a", "-b", "+x", " c", "+d"]);
    expect(lineDifference("a\nb", "b").map(({ before, after }) => [before, after])).toEqual([
      [1, null],
      [2, 1],
    ]);
  });

  it("of a text with itself is nothing", () => {
    expect(differenceInWords(lineDifference("a\nb", "a\nb"))).toBe("Nothing differs");
    expect(differenceInWords(lineDifference("a\nb", "a\nc\nd"))).toBe(
      "2 lines added, 1 line removed",
    );
  });

  it("gives both texts back, whatever they are", () => {
    const texts = ["", "a", "a\nb\na\nb", "b\na\nc", "x\n\ny\n"];
    for (const before of texts) {
      for (const after of texts) {
        const lines = lineDifference(before, after);
        const side = (drop: string) =>
          lines.filter(({ kind }) => kind !== drop).map(({ text }) => text);
        expect(side("added").join("\n")).toBe(before);
        expect(side("removed").join("\n")).toBe(after);
      }
    }
  });

  it("leaves out what is far from any change, and says where", () => {
    const shown = withContext(lineDifference("1\n2\n3\n4\n5\n6\n7", "1\nx\n3\n4\n5\n6\ny"), 1);
    expect(shown.map((line) => line?.text ?? null)).toEqual([
      "1",
      "2",
      "x",
      "3",
      null,
      "6",
      "7",
      "y",
    ]);
  });
});
