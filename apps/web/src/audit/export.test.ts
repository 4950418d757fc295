import { execFile } from "node:child_process";
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { TestClock } from "@chela/shared/clock/test-clock";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ROOT_TOKEN, startConsoleServer } from "../server/testing/console-server.ts";
import { AuditStore } from "../store/audit.ts";
import { type Database, openSqlite } from "../store/sqlite.ts";
import { ChainWatch } from "./chain-watch.ts";
import { exportedPage, exportedText } from "./export.ts";

let folder: string;
let path: string;
let file: string;
let database: Database;
let store: AuditStore;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "chela-export-"));
  path = join(folder, "console.sqlite");
  file = join(folder, "audit.jsonl");
  database = await openSqlite(path);
  store = new AuditStore(database);
  for (let index = 0; index < 20; index++) {
    await store.append(
      {
        actor: index % 2 ? "mira" : "=cmd()",
        from: null,
        action: "hosts.cordon",
        fleet: index % 2 ? "f" : "g",
        outcome: "done",
        before: { n: index },
        detail: 'a "quoted", line\nbroken',
      },
      index,
    );
  }
});
afterEach(async () => {
  await database.destroy();
  rmSync(folder, { recursive: true });
});

async function textOf(...given: Parameters<typeof exportedText>): Promise<string> {
  let text = "";
  for await (const part of exportedText(...given)) text += part;
  return text;
}

const verify = (...args: string[]) =>
  new Promise<{ code: number; said: string }>((resolve) => {
    const script = join(import.meta.dirname, "verify.ts");
    execFile(process.execPath, [script, ...args], (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), said: stdout + stderr }),
    );
  });

describe("the verifier", () => {
  it("passes an export, and names the first record that was touched", async () => {
    const text = await textOf(store, {}, "jsonl", 0);
    writeFileSync(file, text);
    expect(await verify(file)).toMatchObject({
      code: 0,
      said: /^Unbroken: 21 records, the last one is 21:/,
    });
    writeFileSync(file, text.replace('{"n":7}', '{"n":8}'));
    expect(await verify(file)).toMatchObject({
      code: 1,
      said: /^BROKEN\. Record 9 is not what was written/,
    });
    const lines = text.split("\n");
    writeFileSync(file, lines.toSpliced(5, 1).join("\n"));
    expect(await verify(file)).toMatchObject({ code: 1, said: /Record 5 is missing/ });
    writeFileSync(file, `${lines.slice(0, -3).join("\n")}\n`);
    expect(await verify(file)).toMatchObject({ code: 1, said: /Records 20 to 21 are known/ });
    writeFileSync(file, "nothing\n");
    expect(await verify(file)).toMatchObject({ code: 2, said: /no export/ });
  });

  it("holds a whole rewritten chain against a head that is known from elsewhere", async () => {
    const head = (await store.head())!;
    const other = await openSqlite(join(folder, "other.sqlite"));
    const forged = new AuditStore(other);
    for (let index = 0; index < 25; index++) {
      await forged.append({ actor: "x", from: null, action: "y", fleet: null, outcome: "done" }, 1);
    }
    writeFileSync(file, await textOf(forged, {}, "jsonl", 0));
    await other.destroy();
    expect((await verify(file)).code).toBe(0);
    expect(await verify(file, "--head", `${head.id}:${head.hash}`)).toMatchObject({
      code: 1,
      said: /Record 21 is not the one/,
    });
  });

  it("looks at each record of a selection by itself", async () => {
    const text = await textOf(store, { fleets: ["f"] }, "jsonl", 0);
    writeFileSync(file, text);
    expect(await verify(file)).toMatchObject({
      code: 0,
      said: /^Unchanged: 10 records of a selection/,
    });
    writeFileSync(file, text.replace('"mira"', '"mara"'));
    expect(await verify(file, "--json")).toMatchObject({ code: 1, said: /"fault":"changed"/ });
  });
});

describe("an export", () => {
  it("is the same in parts as in one go, and as CSV holds no formula", async () => {
    for (const format of ["jsonl", "csv"] as const) {
      let text = "";
      let cursor: string | undefined;
      do {
        const page = await exportedPage(store, {}, { format, cursor, limit: 6 }, 0);
        text += page.text;
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
      expect(text).toBe(await textOf(store, {}, format, 0));
      if (format === "csv") expect(text).not.toMatch(/(^|,)"?[=+@-]/m);
    }
  });

  it("ends at the head of its beginning, however much is added meanwhile", async () => {
    const text = exportedText(store, {}, "csv", 0);
    await text.next();
    await store.append({ actor: "late", from: null, action: "y", fleet: null, outcome: "done" }, 1);
    let rest = "";
    for await (const part of text) rest += part;
    expect(rest).not.toContain("late");
  });

  it("is a file for whoever may see it: their own fleets' records, and nothing for strangers", async () => {
    const server = await startConsoleServer({}, { store: path });
    const get = (query: string, token?: string) =>
      fetch(`${server.url}/api/audit/export${query}`, {
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      });
    try {
      expect((await get("?format=csv")).status).toBe(401);
      expect((await get("?format=pdf", ROOT_TOKEN)).status).toBe(400);
      const whole = await get("?format=jsonl", ROOT_TOKEN);
      expect(whole.headers.get("content-disposition")).toBe(
        'attachment; filename="chela-audit.jsonl"',
      );
      appendFileSync(file, await whole.text());
      expect((await verify(file)).code).toBe(0);
      const made = await fetch(`${server.url}/api/v1/tokens/create`, {
        method: "POST",
        headers: { authorization: `Bearer ${ROOT_TOKEN}`, "content-type": "application/json" },
        body: JSON.stringify({ name: "f only", role: "viewer", fleet: "f", days: 1 }),
      });
      const { token } = (await made.json()) as { token: string };
      const own = (await (await get("?format=jsonl", token)).text()).trim().split("\n");
      expect(own.slice(1).map((line) => JSON.parse(line).fleet)).toEqual(Array(11).fill("f"));
      // Making the token was itself written down, with what it may.
      const all = (await (await get("?format=jsonl", ROOT_TOKEN)).text()).trim().split("\n");
      expect(JSON.parse(all.at(-1)!)).toMatchObject({
        action: "tokens.create",
        after: { name: "f only", role: "viewer", fleet: "f" },
        requestId: made.headers.get("x-request-id"),
      });
    } finally {
      await server.close();
    }
  });
});

describe("the console's own check", () => {
  it("notices at the next question what was cut off, and within the hour what was changed", async () => {
    const clock = new TestClock();
    const watch = new ChainWatch({ clock, log: pino({ level: "silent" }), store });
    expect(await watch.check()).toMatchObject({ intact: true, records: 21 });
    await store.append({ actor: "z", from: null, action: "y", fleet: null, outcome: "done" }, 1);
    expect(await watch.check()).toMatchObject({ intact: true, records: 22 });
    const raw = new DatabaseSync(path);
    raw.exec("DROP TRIGGER audit_never_changed; DROP TRIGGER audit_never_deleted");
    raw.exec("UPDATE audit SET actor = 'x' WHERE id = 4");
    await clock.advance(60 * 60_000);
    expect((await watch.check()).broken).toMatchObject({ id: 4, fault: "changed" });
    raw.exec("UPDATE audit SET actor = 'mira' WHERE id = 4");
    raw.exec("UPDATE audit SET actor = '=cmd()' WHERE id = 4 AND fleet = 'g'");
    expect((await watch.check()).intact).toBe(true);
    raw.exec("DELETE FROM audit WHERE id > 20");
    raw.close();
    expect((await watch.check()).broken).toMatchObject({ id: 21, fault: "cut" });
  });
});
