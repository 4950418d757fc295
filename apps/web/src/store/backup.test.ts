import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { verifyChain } from "@chela/shared/audit/chain";
import { beginSequence } from "@chela/shared/operation/sequence";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AuditStore, auditSha256 } from "./audit.ts";
import { type Manifest, manifestPath } from "./backup.ts";
import { takeControllerLease } from "./controller-lease.ts";
import { OperationStore } from "./operations.ts";
import { openSqlite } from "./sqlite.ts";

let folder: string;
let store: string;
let copy: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "chela-backup-"));
  store = join(folder, "console.sqlite");
  copy = join(folder, "copy.sqlite");
});
afterEach(() => rmSync(folder, { recursive: true }));

const script = (name: string) => join(import.meta.dirname, name);
const command = (...args: string[]) =>
  new Promise<{ code: number; said: string }>((resolve) =>
    execFile(process.execPath, [script("backup-command.ts"), ...args], (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), said: stdout + stderr }),
    ),
  );
const backup = (to = copy) => command("backup", "--store", store, "--to", to);
const restore = () => command("restore", "--store", store, "--from", copy);

async function withStore<T>(
  work: (parts: { audit: AuditStore; operations: OperationStore; epoch: number }) => Promise<T>,
): Promise<T> {
  const database = await openSqlite(store);
  try {
    const epoch = await takeControllerLease(database, "console");
    return await work({
      audit: new AuditStore(database),
      operations: new OperationStore(database),
      epoch,
    });
  } finally {
    await database.destroy();
  }
}
const add = (subject: string) =>
  withStore(({ audit }) =>
    audit.append(
      { actor: "mira", from: null, action: "x", fleet: null, outcome: "done", subject },
      1,
    ),
  );
const subjects = () =>
  withStore(async ({ audit }) => (await audit.after(0, 99_999)).map(({ subject }) => subject));

describe("a backup", () => {
  it("is whole and unbroken while a console writes", { timeout: 60_000 }, async () => {
    const writer = spawn(process.execPath, [script("testing/write-forever.ts"), store, "0"]);
    const ended = once(writer, "exit");
    let rounds = 0;
    writer.stdout.on("data", () => rounds++);
    try {
      for (let index = 0; index < 3; index++) {
        const before = rounds;
        await expect.poll(() => rounds).toBeGreaterThan(before + 3);
        const to = join(folder, `copy-${index}.sqlite`);
        expect(await backup(to)).toMatchObject({ code: 0 });
        expect(statSync(to).mode & 0o777).toBe(0o600);
        expect(existsSync(`${to}-wal`)).toBe(false);
        const file = await openSqlite(to);
        const records = await new AuditStore(file).after(0, 99_999);
        expect(records.length).toBeGreaterThan(before);
        expect(await verifyChain(records, auditSha256)).toMatchObject({ intact: true });
        await file.destroy();
      }
      // Nobody but it may have the store while it is replaced.
      copy = join(folder, "fresh.sqlite");
      await backup(copy);
      expect(await restore()).toMatchObject({
        code: 1,
        said: /has .*console\.sqlite open.*stop it first/,
      });
    } finally {
      writer.kill("SIGKILL");
      await ended;
    }
    expect(await restore()).toMatchObject({ code: 0 });
  });

  it("never replaces a file, and says when there is no store", async () => {
    expect(await backup()).toMatchObject({ code: 1, said: /There is no store/ });
    await add("a");
    writeFileSync(copy, "precious");
    expect(await backup()).toMatchObject({ code: 1, said: /is there already/ });
    expect(readFileSync(copy, "utf8")).toBe("precious");
  });
});

describe("restoring", () => {
  it("is refused while a console only has the store open", async () => {
    await add("a");
    await backup();
    await withStore(async () => {
      expect(await restore()).toMatchObject({ code: 1, said: /stop it first/ });
    });
    expect((await restore()).code).toBe(0);
  });

  it("brings back what was, keeps what it replaces, and leaves a record of itself", async () => {
    await add("before");
    await backup();
    await add("after");
    const { said, code } = await restore();
    expect(code).toBe(0);
    expect(await subjects()).toEqual([null, "before", copy]);
    const { kept } = JSON.parse(said) as { kept: string };
    const file = await openSqlite(kept);
    const old = await new AuditStore(file).after(0, 99);
    expect(old.map(({ subject }) => subject)).toEqual([null, "before", "after"]);
    await file.destroy();
    expect(
      await withStore(async ({ audit }) => verifyChain(await audit.after(0, 99), auditSha256)),
    ).toMatchObject({ intact: true, records: 3 });
  });

  it("works on a machine that has no store yet", async () => {
    await add("a");
    await backup();
    store = join(folder, "elsewhere.sqlite");
    expect(await restore()).toMatchObject({ code: 0, said: /"kept":null/ });
    expect(await subjects()).toContain("a");
  });

  it("raises the controller's epoch above all before it, and takes no old operation up again", async () => {
    const operation = {
      id: "op_1",
      fleet: "f",
      kind: "edge-apply" as const,
      title: "Apply",
      machine: beginSequence(
        [{ name: "verify", action: { type: "verify" } }],
        { success: "Done." },
        0,
      ),
      failover: null,
      version: 1,
      requestedBy: "me",
      reason: null,
      idempotencyKey: null,
      startedAtMs: 1,
      endedAtMs: null,
    };
    await withStore(({ operations, epoch }) => operations.create(operation, epoch));
    await backup();
    for (let start = 0; start < 5; start++) await withStore(async () => {});
    const last = await withStore(async ({ epoch }) => epoch);
    expect(JSON.parse((await restore()).said)).toMatchObject({ ended: ["op_1"] });
    await withStore(async ({ operations, epoch }) => {
      expect(epoch).toBeGreaterThan(last);
      expect(await operations.open("f")).toBeNull();
      expect((await operations.get("op_1"))!.machine).toMatchObject({ state: "failed" });
    });
  });

  it("refuses what is not what was backed up, and a newer console's, and touches nothing", async () => {
    await add("a");
    await backup();
    await add("b");
    const untouched = readFileSync(store);
    const manifest = JSON.parse(readFileSync(manifestPath(copy), "utf8")) as Manifest;
    writeFileSync(manifestPath(copy), JSON.stringify({ ...manifest, layout: 99 }));
    expect(await restore()).toMatchObject({ code: 1, said: /of a newer console/ });
    rmSync(manifestPath(copy));
    expect(await restore()).toMatchObject({ code: 1, said: /a backup is both files/ });
    writeFileSync(manifestPath(copy), JSON.stringify(manifest));
    const file = new DatabaseSync(copy);
    file.exec("CREATE TABLE x (y)");
    file.close();
    expect(await restore()).toMatchObject({ code: 1, said: /not the file that was backed up/ });
    expect(readFileSync(store)).toEqual(untouched);
  });
});
