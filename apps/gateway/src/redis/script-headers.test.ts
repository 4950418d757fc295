import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = new URL("..", import.meta.url).pathname;
const scripts = readdirSync(ROOT, { recursive: true, encoding: "utf8" }).filter((path) =>
  path.endsWith(".lua"),
);

/** Indices as written between the brackets: `3`, `5…8`, `4…`, or computed: `8i+2`, `4 + i`. */
function indices(text: string, table: "KEYS" | "ARGV") {
  const written = [...text.matchAll(new RegExp(`${table}\\[([^\\]]+)\\]`, "g"))].map((m) => m[1]!);
  const fixed = new Set<number>();
  let open = false;
  let computed = false;
  for (const index of written) {
    const range = /^(\d+)(…(\d+)?)?$/.exec(index);
    if (range === null) {
      computed = true;
      continue;
    }
    const from = Number(range[1]);
    const to = range[3] === undefined ? from : Number(range[3]);
    for (let n = from; n <= to; n++) fixed.add(n);
    if (range[2] !== undefined) open ||= range[3] === undefined;
  }
  return { fixed, open, computed };
}

test("there are scripts to look at", () => {
  expect(scripts.length).toBeGreaterThan(5);
});

test.each(scripts)("the header of %s is true", (path) => {
  const lines = readFileSync(join(ROOT, path), "utf8").split("\n");
  const start = lines.findIndex((line) => !line.startsWith("--"));
  const header = lines.slice(0, start).join("\n");
  const body = lines
    .slice(start)
    .map((line) => line.replace(/--.*$/, ""))
    .join("\n");
  expect(header).toMatch(/^-- Answers/m);
  expect(header).toMatch(/^-- Writes/m);

  for (const table of ["KEYS", "ARGV"] as const) {
    const said = indices(header, table);
    const used = indices(body, table);
    const iterated = used.computed || body.includes(`#${table}`);
    const sorted = [...said.fixed].sort((a, b) => a - b);
    // Counted without a gap; what is used is said; what is said is used, by number or in a loop.
    expect(sorted, `${table} in the header`).toEqual(sorted.map((_, n) => n + 1));
    for (const n of used.fixed) expect(sorted, `${table}[${n}] in the header`).toContain(n);
    for (const n of said.fixed) {
      expect(used.fixed.has(n) || iterated, `${table}[${n}] in the script`).toBe(true);
    }
    expect(said.open || said.computed ? iterated : true, `open ${table} in the script`).toBe(true);
    expect(iterated ? said.open || said.computed || said.fixed.size > 0 : true).toBe(true);
  }
});
