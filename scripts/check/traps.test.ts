import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = new URL("../..", import.meta.url).pathname;

/** Rows of docs/TRAPS.md's tables: trap | file | test. */
const rows = readFileSync(join(ROOT, "docs/TRAPS.md"), "utf8")
  .split("\n")
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .filter((cells) => cells[2]?.endsWith(".test.ts"))
  .map((cells) => ({ file: cells[2]!, name: cells[3]! }));

test("there are traps to look at", () => {
  expect(rows.length).toBeGreaterThan(40);
});

test("every test that a trap is caught by exists under its name", () => {
  const missing = rows.filter(({ file, name }) => {
    const path = join(ROOT, file);
    return !existsSync(path) || !readFileSync(path, "utf8").includes(`"${name}"`);
  });
  expect(missing).toEqual([]);
});
