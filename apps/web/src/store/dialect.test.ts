import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

/** What one kind of store says in its own way stands in these, behind `StoreDialect`. */
const OF_SQLITE = new Set(["sqlite.ts", "migrations.ts", "backup.ts", "restore.ts"]);
const SQLITE_ONLY =
  /PRAGMA|sqlite_|AUTOINCREMENT|WITHOUT ROWID|\browid\b|INSERT OR|REPLACE INTO|strftime|unixepoch|json_extract|->>|\bGLOB\b|last_insert|node:sqlite/i;

it("no query outside SQLite's own files is in SQLite's own words", () => {
  const files = readdirSync(import.meta.dirname).filter(
    (name) => name.endsWith(".ts") && !name.endsWith(".test.ts") && !OF_SQLITE.has(name),
  );
  expect(files.length).toBeGreaterThan(8);
  for (const name of files) {
    const text = readFileSync(join(import.meta.dirname, name), "utf8");
    const code = text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
    expect(SQLITE_ONLY.exec(code)?.[0], `in ${name}`).toBeUndefined();
  }
});
