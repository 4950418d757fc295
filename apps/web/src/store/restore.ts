import { constants, existsSync } from "node:fs";
import { chmod, copyFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { AuditStore } from "./audit.ts";
import { type Manifest, onDisk, readManifest, settle } from "./backup.ts";
import { takeControllerLease } from "./controller-lease.ts";
import { SQLITE_MIGRATIONS } from "./migrations.ts";
import { OperationStore } from "./operations.ts";
import { type Database, openSqlite } from "./sqlite.ts";

/**
 * Agents refuse a controller whose epoch is below one that they have seen. How often the console was started since
 * the backup was made, nobody may know any more: no more often than this.
 */
const STARTS_SINCE_MAX = 1_000;

export interface Restored {
  manifest: Manifest;
  /** Where the store that was replaced is kept; null: there was none. */
  kept: string | null;
  /** Operations that were under way when the backup was made. */
  ended: string[];
}

/**
 * Puts a backup in the place of the store. Refuses while a console runs on it, a file that is not the one that was
 * backed up, and one of a newer console; the store is untouched then.
 * @throws Error that says what to do.
 */
export async function restore(request: {
  from: string;
  store: string;
  nowMs: number;
}): Promise<Restored> {
  const { from, store, nowMs } = request;
  const manifest = await readManifest(from);
  if (manifest.layout > SQLITE_MIGRATIONS.length) {
    throw new Error(
      `The backup is of a newer console (${manifest.version}, layout ${manifest.layout}; this one knows ${SQLITE_MIGRATIONS.length}): restore it with that version.`,
    );
  }
  const replaced = existsSync(store) ? alone(store) : null;
  const fresh = `${store}.restoring`;
  try {
    await rm(fresh, { force: true });
    await copyFile(from, fresh, constants.COPYFILE_EXCL);
    await chmod(fresh, 0o600);
    const ended = await prepare(fresh, from, manifest, replaced?.epoch ?? 0, nowMs);
    settle(fresh);
    await onDisk(fresh);
    const kept = replaced === null ? null : `${store}.replaced-${stamp(nowMs)}`;
    if (kept !== null) await rename(store, kept);
    await rename(fresh, store);
    await onDisk(dirname(store));
    return { manifest, kept, ended };
  } finally {
    replaced?.release();
    for (const left of [fresh, `${fresh}-wal`, `${fresh}-shm`]) await rm(left, { force: true });
  }
}

/**
 * Makes sure that nobody has the store open: leaving its write-ahead log is only possible alone, whoever else looks,
 * from whichever container. Brings all of it into the one file, and keeps others out until `release`.
 * @throws Error where somebody has it open.
 */
function alone(store: string): { epoch: number; release(): void } {
  const file = new DatabaseSync(store, { timeout: 0 });
  try {
    file.exec("PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE");
    return { epoch: epochOf(file), release: () => file.close() };
  } catch (error) {
    file.close();
    throw new Error(
      `A console, or another program, has ${store} open (${error instanceof Error ? error.message : error}): stop it first.`,
    );
  }
}

function epochOf(file: DatabaseSync): number {
  const there = file.prepare("SELECT 1 FROM sqlite_master WHERE name = 'controller_lease'").get();
  if (there === undefined) return 0;
  const row = file.prepare("SELECT MAX(epoch) AS epoch FROM controller_lease").get();
  return Number(row?.epoch ?? 0);
}

/** What must not be as it was when the backup was made. */
async function prepare(
  path: string,
  from: string,
  manifest: Manifest,
  replacedEpoch: number,
  nowMs: number,
): Promise<string[]> {
  const database = await openSqlite(path);
  try {
    const own = await takeControllerLease(database, "restore");
    const epoch = Math.max(own, replacedEpoch) + STARTS_SINCE_MAX;
    await database.updateTable("controller_lease").set({ epoch }).execute();
    const ended = await endOperations(database, epoch, manifest, nowMs);
    await new AuditStore(database).append(
      {
        actor: "the console's host",
        from: null,
        action: "store.restore",
        fleet: null,
        outcome: "done",
        subject: from,
        detail: `As it was at ${manifest.createdAt}: what was recorded between then and now is in the file that was replaced.`,
        after: {
          createdAt: manifest.createdAt,
          sha256: manifest.sha256,
          version: manifest.version,
        },
      },
      nowMs,
    );
    return ended;
  } finally {
    await database.destroy();
  }
}

/** The fleet has moved on: an old operation must not go on where it was. */
async function endOperations(
  database: Database,
  epoch: number,
  manifest: Manifest,
  nowMs: number,
): Promise<string[]> {
  const operations = new OperationStore(database);
  const rows = await database
    .selectFrom("operations")
    .select("id")
    .where("ended_at", "is", null)
    .execute();
  for (const { id } of rows) {
    const operation = (await operations.get(id))!;
    await operations.save(
      {
        ...operation,
        machine: {
          ...operation.machine,
          state: "failed",
          outcome: `It was under way when the backup of ${manifest.createdAt} was made, and was not taken up again after it was restored.`,
        },
        endedAtMs: nowMs,
      },
      epoch,
    );
  }
  return rows.map(({ id }) => id);
}

const stamp = (nowMs: number): string =>
  new Date(nowMs).toISOString().replaceAll(/[-:]/g, "").replace(/\.\d+/, "");
