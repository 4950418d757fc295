import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { verifyChain } from "@chela/shared/audit/chain";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { pointOf } from "../figures/sample.ts";
import { type AuditEntry, AuditStore, auditSha256 } from "./audit.ts";
import { FigureStore } from "./figures.ts";
import { SQLITE_MIGRATIONS } from "./migrations.ts";
import { type Database, openSqlite } from "./sqlite.ts";

let folder: string;
let path: string;
let database: Database;
let store: AuditStore;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "chela-audit-"));
  path = join(folder, "console.sqlite");
  database = await openSqlite(path);
  store = new AuditStore(database);
});
afterEach(async () => {
  await database.destroy();
  rmSync(folder, { recursive: true });
});

const entry = (over: Partial<AuditEntry> = {}): AuditEntry => ({
  actor: "mira",
  from: "192.0.2.1",
  action: "hosts.cordon",
  fleet: "f",
  outcome: "done",
  ...over,
});
const all = () => store.after(0, 10_000);
const verdict = async () => verifyChain(await all(), auditSha256);

describe("the audit chain", () => {
  it("begins with a record of its own, and every later one names the one before", async () => {
    await store.append(entry({ before: { cordoned: false }, after: { cordoned: true } }), 1_000);
    const [first, second] = await all();
    expect(first).toMatchObject({ id: 1, action: "audit.begin", previous: "0".repeat(64) });
    expect(second).toMatchObject({
      id: 2,
      at: "1970-01-01T00:00:01.000Z",
      previous: first!.hash,
      before: { cordoned: false },
      after: { cordoned: true },
    });
    expect(await verdict()).toMatchObject({ intact: true, records: 2 });
  });

  it("does not fork when several processes append at the same time", async () => {
    const others = await Promise.all([openSqlite(path), openSqlite(path)]);
    const writers = [database, ...others].map((each) => new AuditStore(each));
    await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        writers[index % 3]!.append(entry({ subject: `s${index}` }), index),
      ),
    );
    for (const other of others) await other.destroy();
    const records = await all();
    expect(new Set(records.map(({ subject }) => subject)).size).toBe(61);
    expect(await verdict()).toMatchObject({ intact: true, records: 61 });
  });

  it("refuses to change or delete a record, and two records after the same one", async () => {
    await store.append(entry(), 1);
    const file = new DatabaseSync(path);
    expect(() => file.exec("UPDATE audit SET actor = 'nobody'")).toThrow(/never changed/);
    expect(() => file.exec("DELETE FROM audit")).toThrow(/never deleted/);
    expect(() =>
      file.exec(
        "INSERT INTO audit SELECT 9, at, actor, source, action, fleet, subject, reason, before, after, outcome, code, detail, request_id, previous, 'x' FROM audit WHERE id = 2",
      ),
    ).toThrow(/UNIQUE constraint failed: audit.previous/);
    file.close();
  });

  it("is found broken by whoever has the file and edits it past the store", async () => {
    for (const subject of ["a", "b", "c"]) await store.append(entry({ subject }), 1);
    const file = new DatabaseSync(path);
    file.exec("DROP TRIGGER audit_never_changed; UPDATE audit SET subject = 'x' WHERE id = 3");
    file.close();
    expect((await verdict()).broken).toMatchObject({ id: 3, fault: "changed" });
  });

  it("holds whatever text it is given, so that what is read back fits its hash", async () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.constant("\ud800\0'\"é"));
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          actor: text,
          from: fc.option(text),
          action: text,
          fleet: fc.option(text),
          subject: fc.option(text),
          reason: fc.option(text),
          detail: fc.option(text),
          before: fc.option(
            fc.dictionary(
              text,
              fc.oneof(
                text,
                fc.double({ noNaN: true, noDefaultInfinity: true }),
                fc.boolean(),
                fc.constant(null),
              ),
            ),
          ),
          outcome: fc.constantFrom("done" as const, "refused" as const, "failed" as const),
        }),
        async (any) => {
          await store.append(any, 1);
        },
      ),
      { numRuns: 60 },
    );
    expect(await verdict()).toMatchObject({ intact: true });
  }, 60_000);
});

describe("records from before the chain", () => {
  it("are taken into it in their order", async () => {
    const old = join(folder, "old.sqlite");
    const file = new DatabaseSync(old);
    for (const step of SQLITE_MIGRATIONS.slice(0, 2)) {
      for (const statement of step) file.exec(statement as string);
    }
    file.exec("PRAGMA user_version = 2");
    const insert = file.prepare(
      "INSERT INTO audit (at, actor, source, action, fleet, subject, outcome, detail) VALUES (?, ?, NULL, 'login', NULL, NULL, 'done', NULL)",
    );
    for (const [at, actor] of [
      [5, "a"],
      [6, "b"],
      [7, "c"],
    ] as const)
      insert.run(at, actor);
    file.close();
    const upgraded = await openSqlite(old);
    const records = await new AuditStore(upgraded).after(0, 10);
    expect(records.map(({ id, actor }) => [id, actor])).toEqual([
      [1, "Chela"],
      [2, "a"],
      [3, "b"],
      [4, "c"],
    ]);
    expect(await verifyChain(records, auditSha256)).toMatchObject({ intact: true, records: 4 });
    await upgraded.destroy();
  });
});

it("minutes of figures from before there were samples become samples", async () => {
  const old = join(folder, "old.sqlite");
  const file = new DatabaseSync(old);
  for (const step of SQLITE_MIGRATIONS.slice(0, 2)) {
    for (const statement of step) file.exec(statement as string);
  }
  file.exec("PRAGMA user_version = 2");
  const point = {
    at: "2026-01-01T00:00:00.000Z",
    acceptedPerSecond: 1.5,
    duplicatesPerSecond: 0.5,
    hitRate: 0.25,
    sessions: 7,
    sessionsByGateway: { "gw-1": 7 },
    acceptP99Ms: 4.5,
    backlog: 2,
  };
  const insert = file.prepare("INSERT INTO figure_minutes VALUES ('f', ?, ?)");
  insert.run(10, JSON.stringify(point));
  insert.run(11, JSON.stringify({ ...point, acceptedPerSecond: null, sessions: null }));
  file.close();
  const upgraded = await openSqlite(old);
  const [whole, unseen] = await new FigureStore(upgraded).samples("f", 60, 0);
  expect(pointOf(whole!)).toEqual({ ...point, at: new Date(600_000).toISOString() });
  expect(pointOf(unseen!)).toMatchObject({ acceptedPerSecond: null, sessions: null });
  await upgraded.destroy();
});

describe("the list", () => {
  beforeEach(async () => {
    await store.append(entry({ actor: "mira", action: "rollouts.start", subject: "2_14%" }), 1_000);
    await store.append(
      entry({ actor: "jonas", action: "rollouts.abort", outcome: "refused", code: "no" }),
      2_000,
    );
    await store.append(
      entry({ actor: "jonas", action: "login", fleet: null, detail: "Ščepan" }),
      3_000,
    );
    await store.append(entry({ actor: "mira", action: "hosts.revoke", fleet: "g" }), 4_000);
  });
  const actions = async (filter: Parameters<AuditStore["list"]>[0]) =>
    (await store.list(filter)).items.map(({ action }) => action);

  it("pages, newest first", async () => {
    const first = await store.list({ limit: 2 });
    expect(first.items.map(({ action }) => action)).toEqual(["hosts.revoke", "login"]);
    expect(await actions({ limit: 9, cursor: first.nextCursor! })).toEqual([
      "rollouts.abort",
      "rollouts.start",
      "audit.begin",
    ]);
  });

  it.each([
    [{ actor: "mira" }, ["hosts.revoke", "rollouts.start"]],
    [{ action: "rollouts." }, ["rollouts.abort", "rollouts.start"]],
    [{ action: "rollouts.start" }, ["rollouts.start"]],
    [{ outcome: "refused" as const }, ["rollouts.abort"]],
    [{ sinceMs: 2_000, untilMs: 4_000 }, ["login", "rollouts.abort"]],
    [{ fleets: ["g"] }, ["hosts.revoke"]],
    [{ fleets: [] }, []],
    [{ text: "2_14%" }, ["rollouts.start"]],
    [{ text: "_____" }, []],
    [{ text: "ROLLOUTS" }, ["rollouts.abort", "rollouts.start"]],
    [{ text: "Ščep" }, ["login"]],
  ])("filters by %j", async (filter, expected) => {
    expect(await actions({ ...filter, limit: 9 })).toEqual(expected);
  });
});
