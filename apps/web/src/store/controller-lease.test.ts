import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CONTROLLER_TTL_MS, ControllerLease } from "./controller-lease.ts";
import { type Database, openSqlite, sqliteDialect } from "./sqlite.ts";

let folder: string;
let path: string;
const open: Database[] = [];
const openStore = async () => {
  const database = await openSqlite(path);
  open.push(database);
  return database;
};
/** A store whose clock the test moves. */
let nowMs = 0;
const lease = (database: Database, holder: string) => {
  const clock = {
    get toNow() {
      return sql<number>`CAST(${nowMs} AS INTEGER)`;
    },
  };
  return {
    claim: (restarted: boolean) =>
      new ControllerLease(database, holder, clock.toNow).claim(restarted),
    renew: (epoch: number) => new ControllerLease(database, holder, clock.toNow).renew(epoch),
    release: (epoch: number) => new ControllerLease(database, holder, clock.toNow).release(epoch),
    holder: () => new ControllerLease(database, holder, clock.toNow).holder(),
  };
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "chela-lease-"));
  path = join(folder, "console.sqlite");
  nowMs = 1_000_000;
});
afterEach(async () => {
  for (const database of open.splice(0)) await database.destroy();
  rmSync(folder, { recursive: true });
});

describe("one controller acts at a time", () => {
  it("a second console stands by while the first one renews, and takes over after its lease has ended", async () => {
    const a = lease(await openStore(), "console-a");
    const b = lease(await openStore(), "console-b");
    const first = (await a.claim(true))!;
    expect(await b.claim(true)).toBeNull();
    nowMs += CONTROLLER_TTL_MS - 1;
    expect(await a.renew(first)).toBe(true);
    nowMs += CONTROLLER_TTL_MS - 1;
    expect(await b.claim(false)).toBeNull();
    nowMs += 1;
    const second = (await b.claim(false))!;
    expect(second).toBeGreaterThan(first);
    expect(await b.holder()).toBe("console-b");
    expect(await a.renew(first)).toBe(false);
  });

  it("a restart of the same console goes on at once, one that was superseded does not", async () => {
    const database = await openStore();
    const first = (await lease(database, "console-a").claim(true))!;
    const second = (await lease(database, "console-a").claim(true))!;
    expect(second).toBeGreaterThan(first);
    expect(await lease(database, "console-a").claim(false)).toBeNull();
  });

  it("of two that find the lease ended at the same time one gets it", async () => {
    const consoles = [await openStore(), await openStore()];
    const claims = await Promise.all(
      consoles.map((database, index) => lease(database, `console-${index}`).claim(false)),
    );
    expect(claims.filter((epoch) => epoch !== null)).toHaveLength(1);
  });

  it("one that stops by itself lets the other one begin at once", async () => {
    const database = await openStore();
    const first = (await lease(database, "console-a").claim(true))!;
    await lease(database, "console-a").release(first);
    expect(await lease(database, "console-b").claim(false)).toBeGreaterThan(first);
  });

  it("one whose holder only woke up late renews, where nobody has followed", async () => {
    const database = await openStore();
    const first = (await lease(database, "console-a").claim(true))!;
    nowMs += 10 * CONTROLLER_TTL_MS;
    expect(await lease(database, "console-a").renew(first)).toBe(true);
  });
});

it("a store that was begun anew is above what others remember of the one before", async () => {
  const epoch = (await new ControllerLease(
    await openStore(),
    "console-a",
    sqliteDialect.nowMs,
  ).claim(true))!;
  rmSync(path);
  nowMs = (epoch + 1) * 1_000;
  expect(await lease(await openStore(), "console-a").claim(true)).toBeGreaterThan(epoch);
});
