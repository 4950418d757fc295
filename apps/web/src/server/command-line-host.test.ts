import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { beginCommandLine } from "./testing/command-line.ts";
import {
  ADMIN,
  Browser,
  type ConsoleServer,
  startConsoleServer,
} from "./testing/console-server.ts";

/** The console runs as a process here, over a store in a state directory of its own. */
let folder: string;
let state: string;
let server: ConsoleServer;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "chela-host-"));
  state = join(folder, "state");
  await mkdir(state);
  const access = { consoleUrl: "http://127.0.0.1:1", apiToken: "t", fleet: "no-such-container" };
  await writeFile(join(state, "access.json"), JSON.stringify(access));
  server = await startConsoleServer({}, { store: join(state, "console.sqlite") });
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

const chela = (...args: string[]) => beginCommandLine(args, { CHELA_STATE_DIR: state }).done;
const signIn = async (password: string) =>
  (await new Browser(server.url).post("/api/auth/sign-in/email", { email: ADMIN.email, password }))
    .status;

describe("on the console's host", { timeout: 60_000 }, () => {
  it("somebody who is locked out gets a new password, while no API answers", async () => {
    const { code, out } = await chela("admin", "reset-password", ADMIN.email, "--json");
    expect(code).toBe(0);
    expect(await signIn(ADMIN.password)).toBe(401);
    expect(await signIn(JSON.parse(out).password)).toBe(200);
  });

  it("an unknown user is named in a sentence, and nothing is changed", async () => {
    const { code, err } = await chela("admin", "reset-password", "nobody@example.com");
    expect(code).toBe(1);
    expect(err).toContain("There is no user nobody@example.com");
    expect(await signIn(ADMIN.password)).toBe(200);
  });

  it("a backup is made while the console runs, and put back while it does not", async () => {
    const file = join(folder, "out", "chela.sqlite");
    await mkdir(join(folder, "out"));
    expect(await chela("backup", file)).toMatchObject({ code: 0, err: "" });
    expect((await readdir(join(folder, "out"))).sort()).toEqual([
      "chela.sqlite",
      "chela.sqlite.manifest.json",
    ]);
    // It holds password hashes.
    expect((await stat(file)).mode & 0o077).toBe(0);
    const again = await chela("backup", file);
    expect([again.code, again.err]).toEqual([2, expect.stringContaining("give another name")]);

    const busy = await chela("restore", file, "--yes");
    expect([busy.code, busy.err]).toEqual([1, expect.stringContaining("stop it first")]);
    await chela("admin", "reset-password", ADMIN.email);
    await server.close();
    const restored = await chela("restore", file, "--yes");
    expect([restored.code, restored.err]).toEqual([0, ""]);
    server = await startConsoleServer({}, { store: join(state, "console.sqlite") });
    expect(await signIn(ADMIN.password)).toBe(200);
    expect((await readdir(state)).filter((name) => name.startsWith(".backup"))).toEqual([]);
  });

  it("away from it they say so", async () => {
    const { code, err } = await beginCommandLine(["backup", join(folder, "x")], {
      CHELA_STATE_DIR: join(folder, "nowhere"),
    }).done;
    expect([code, err]).toEqual([3, expect.stringContaining("Run this on the console's host")]);
  });
});
