import { expect, it } from "vitest";
import { difference } from "./difference.ts";

it("shows what changed first, and what came or went as that", () => {
  expect(
    difference(
      { region: "eu", cordoned: false, old: 1, none: null },
      { region: "eu", cordoned: true, fresh: "x", none: null },
    ),
  ).toEqual([
    { name: "cordoned", before: "false", after: "true", kind: "changed" },
    { name: "old", before: "1", after: null, kind: "removed" },
    { name: "fresh", before: null, after: "x", kind: "added" },
    { name: "region", before: "eu", after: "eu", kind: "same" },
    { name: "none", before: "none", after: "none", kind: "same" },
  ]);
  expect(difference(null, null)).toEqual([]);
  expect(difference(null, { operation: "op_1" })).toEqual([
    { name: "operation", before: null, after: "op_1", kind: "added" },
  ]);
});
