import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { partsOf } from "./text-parts.ts";

// Thousands of parts, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

const piece = fc.constantFrom(
  "a",
  "😀",
  " ",
  "\n",
  "\r\n",
  "e\u0301",
  "👩‍👩‍👧‍👦",
  "🇩🇪",
  "नि",
  "x".repeat(70),
  "😀".repeat(70),
);
const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

test("parts of a long answer fit, lose nothing but blanks, and cut no character as readers see it", () => {
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 60 }),
      fc.integer({ min: 40, max: 300 }),
      (pieces, unitsMax) => {
        const text = `.${pieces.join("")}.`;
        const parts = partsOf(text, unitsMax);
        for (const part of parts) {
          expect(part.length).toBeLessThanOrEqual(unitsMax);
          expect(part.isWellFormed()).toBe(true);
        }
        expect(parts.join("").replace(/\s/g, "")).toBe(text.replace(/\s/g, ""));
        const whole = new Set([...graphemes.segment(text)].map(({ segment }) => segment));
        for (const part of parts) {
          for (const { segment } of graphemes.segment(part)) expect(whole).toContain(segment);
        }
      },
    ),
    { seed: 7, numRuns: 150 },
  );
});

test("any text at any limit: never too long, never endless, nothing but blanks lost", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary", maxLength: 400 }),
      fc.integer({ min: 2, max: 50 }),
      (text, unitsMax) => {
        const parts = partsOf(text, unitsMax);
        for (const part of parts) expect(part.length).toBeLessThanOrEqual(unitsMax);
        expect(parts.join("").replace(/\s/g, "")).toBe(text.replace(/\s/g, ""));
      },
    ),
    { seed: 7, numRuns: 150 },
  );
});

test("a character longer than a whole part is cut, since nothing else is left", () => {
  const piled = `a${"\u0301".repeat(500)}`;
  expect(partsOf(piled, 100).join("")).toBe(piled);
  expect(partsOf(piled, 100).every((part) => part.length <= 100)).toBe(true);
});

test("lines and words stay together, blank answers are no messages", () => {
  expect(partsOf("one two three", 8)).toEqual(["one two ", "three"]);
  expect(partsOf("first line\nsecond", 12)).toEqual(["first line\n", "second"]);
  expect(partsOf(" \n ", 8)).toEqual([]);
});
