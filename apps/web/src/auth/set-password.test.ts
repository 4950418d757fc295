import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ADMIN, type ConsoleServer, startConsoleServer } from "../server/testing/console-server.ts";
import { codeOf, peopleOf } from "../server/testing/people.ts";

// Hashing a password is slow on purpose, and slower on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

let folder: string;
let store: string;
let server: ConsoleServer;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "chela-auth-"));
  store = join(folder, "console.sqlite");
  server = await startConsoleServer({}, { store });
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const { browser, read, signedIn } = peopleOf(() => server);

describe("reset-password on the console's host, while the console runs", () => {
  const run = async (...args: string[]) => {
    const script = join(import.meta.dirname, "reset-password.ts");
    const running = promisify(execFile)(process.execPath, [script, "--store", store, ...args]);
    running.child.stdin?.end("chosen by hand\n");
    return (await running).stdout;
  };

  it("sets a password, ends every login, and takes the second factor off when told", async () => {
    const own = await signedIn();
    const { body } = await own.post("/api/auth/two-factor/enable", { password: ADMIN.password });
    await own.post("/api/auth/two-factor/verify-totp", { code: codeOf(body.totpURI) });
    const { password } = JSON.parse(await run("--email", ADMIN.email));
    expect((await read(own, "viewer.me")).status).toBe(401);
    expect((await browser().post("/api/auth/sign-in/email", ADMIN)).status).toBe(401);
    const half = await browser().post("/api/auth/sign-in/email", { ...ADMIN, password });
    expect(half.body).toMatchObject({ twoFactorRedirect: true });

    await run("--email", ADMIN.email, "--password-stdin", "--remove-two-factor");
    const back = await signedIn({ ...ADMIN, password: "chosen by hand" });
    expect((await read(back, "viewer.me")).body.role).toBe("admin");
    const rows = await server.database
      .selectFrom("audit")
      .select("action")
      .where("action", "like", "users.%")
      .execute();
    expect(rows).toEqual([{ action: "users.resetPassword" }, { action: "users.resetPassword" }]);
  });

  it("says whom there is when the address is nobody's", async () => {
    await expect(run("--email", "who@example.com")).rejects.toThrow(ADMIN.email);
  });
});
