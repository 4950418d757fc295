import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { verifyChain } from "@chela/shared/audit/chain";
import { expect, it } from "vitest";
import { AuditStore, auditSha256 } from "./audit.ts";
import { openSqlite } from "./sqlite.ts";

const KILLS = 24;

/** Starts the writer and kills it after so many acknowledged rounds and some more milliseconds. */
async function killed(path: string, run: number, rounds: number, extraMs: number) {
  const script = join(import.meta.dirname, "testing", "write-forever.ts");
  const child: ChildProcess = spawn(process.execPath, [script, path, String(run)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const acknowledged: { audit: number; operation: string; version: number }[] = [];
  const lines = createInterface({ input: child.stdout! });
  const ended = once(child, "exit");
  lines.on("line", (line) => {
    acknowledged.push(JSON.parse(line));
    if (acknowledged.length === rounds) setTimeout(() => child.kill("SIGKILL"), extraMs);
  });
  const [, signal] = await ended;
  expect(signal).toBe("SIGKILL");
  return acknowledged;
}

it("a console that is killed at any moment loses nothing that it had acknowledged", {
  timeout: 180_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), "chela-kill-"));
  const path = join(folder, "console.sqlite");
  let random = 7;
  const next = (max: number) => {
    random = (random * 48_271) % 2_147_483_647;
    return random % max;
  };
  try {
    for (let run = 0; run < KILLS; run++) {
      const acknowledged = await killed(path, run, 1 + next(12), next(9));
      const database = await openSqlite(path);
      const records = await new AuditStore(database).after(0, 100_000);
      expect(await verifyChain(records, auditSha256)).toMatchObject({ intact: true });
      const operations = new Map(
        (await database.selectFrom("operations").select(["id", "version"]).execute()).map((row) => [
          row.id,
          row.version,
        ]),
      );
      const written = new Set(records.map(({ id }) => id));
      for (const { audit, operation, version } of acknowledged) {
        expect(written).toContain(audit);
        expect(operations.get(operation)).toBeGreaterThanOrEqual(version);
      }
      await database.destroy();
      const file = new DatabaseSync(path);
      expect(file.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
      file.close();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
