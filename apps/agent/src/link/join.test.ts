import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { hostSecret } from "./join.ts";

const SECRET = "0123456789abcdef-secret";
let folder = "";
let posts: unknown[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "chela-join-"));
  posts = [];
});
afterEach(() => rm(folder, { recursive: true }));

const config = (joinToken: string | null) => ({
  ...{
    fleet: "chela",
    host: "berlin-2",
    consoleUrl: new URL("wss://console.example.com/agent"),
    joinToken,
  },
  secretFile: join(folder, "secret"),
});
const console_ = (status: number, body: unknown): typeof fetch => {
  return async (url, init) => {
    posts.push([String(url), JSON.parse(String(init?.body))]);
    return Response.json(body, { status });
  };
};

test("a token is exchanged once; after that the secret is kept, for its owner only", async () => {
  const grant = console_(200, { secret: SECRET });
  expect(await hostSecret(config("t1"), grant)).toEqual({ ok: true, secret: SECRET });
  expect(await hostSecret(config("t1"), grant)).toEqual({ ok: true, secret: SECRET });
  expect(await hostSecret(config(null), grant)).toEqual({ ok: true, secret: SECRET });
  expect(posts).toEqual([
    ["https://console.example.com/agent/join", { token: "t1", fleet: "chela", host: "berlin-2" }],
  ]);
  expect((await stat(join(folder, "secret"))).mode & 0o777).toBe(0o600);
});

test("a new token gives a host that was revoked a new secret", async () => {
  await hostSecret(config("t1"), console_(200, { secret: SECRET }));
  const again = console_(200, { secret: `${SECRET}-2` });
  expect(await hostSecret(config("t2"), again)).toEqual({ ok: true, secret: `${SECRET}-2` });
});

test("a token that is refused ends in the console's own words; an outage is tried again", async () => {
  const used = console_(403, { error: { code: "TOKEN_USED", message: "This token was used." } });
  expect(await hostSecret(config("t1"), used)).toEqual({
    ok: false,
    retry: false,
    message: "The console refused this host: This token was used.",
  });
  const outage = console_(503, {});
  expect(await hostSecret(config("t1"), outage)).toMatchObject({ ok: false, retry: true });
  const gone: typeof fetch = () => Promise.reject(new Error("connect ECONNREFUSED"));
  expect(await hostSecret(config("t1"), gone)).toMatchObject({ ok: false, retry: true });
});

test("a host without secret and token is told where a token comes from", async () => {
  const outcome = await hostSecret(config(null));
  expect(outcome).toMatchObject({ ok: false, message: expect.stringContaining("in the console") });
});
