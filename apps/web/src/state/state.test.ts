import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ensureState } from "./ensure-state.ts";
import { readState } from "./read-state.ts";

let dir: string;
beforeEach(async () => {
  dir = join(await mkdtemp(join(tmpdir(), "chela-state-")), "state");
});
afterEach(() => rm(join(dir, ".."), { recursive: true, force: true }));

const texts = async () => {
  const names = (await readdir(dir)).filter((name) => name !== "tls").sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(dir, name), "utf8")])),
  );
};

test("a second run with another environment changes no file", async () => {
  await ensureState(dir, {});
  const before = await texts();
  await ensureState(dir, { CHELA_EDGE_PORT: "9999", CHELA_ADMIN_PASSWORD: "another-one" });
  expect(await texts()).toEqual(before);
});

test("two that start at once agree on every secret", async () => {
  const [one, other] = await Promise.all([ensureState(dir, {}), ensureState(dir, {})]);
  expect(one).toEqual(other);
  expect(await texts()).toHaveProperty("console.id");
});

test("a missing file comes back and agrees with those that stand", async () => {
  const access = await ensureState(dir, {});
  await rm(join(dir, "secrets.env"));
  await ensureState(dir, {});
  const secrets = await (await readState(dir, "127.0.0.1")).gatewaySecrets("local");
  expect(secrets["GENERIC_WEBHOOK_SECRET"]).toBe(access.webhookSecret);
});

test("nobody but the owner can read the directory or any secret", async () => {
  await ensureState(dir, {});
  expect((await stat(dir)).mode & 0o777).toBe(0o700);
  for (const name of Object.keys(await texts())) {
    expect((await stat(join(dir, name))).mode & 0o777, name).toBe(0o600);
  }
});

test("local gateways reach Redis in the fleet's network, remote ones by the bound address", async () => {
  await ensureState(dir, { CHELA_NAME: "two", CHELA_REDIS_PORT: "6400" });
  const state = await readState(dir, "10.1.2.3");
  expect(await state.gatewaySecrets("local")).toMatchObject({
    REDIS_HOST: "two-redis",
    REDIS_PORT: "6379",
    REDIS_USERNAME: "gateway",
  });
  expect(await state.gatewaySecrets("remote")).toMatchObject({
    REDIS_HOST: "10.1.2.3",
    REDIS_PORT: "6400",
  });
  expect(state.agentRedisUrl("local")).toContain("@127.0.0.1:6400/");
});

test("an external Redis is the same for everybody", async () => {
  const url = "redis://someone:s%40cret@redis.example.com:7000/2";
  const access = await ensureState(dir, { REDIS_URL: url });
  const state = await readState(dir, "127.0.0.1");
  expect([access.redisUrl, state.redisUrl, state.agentRedisUrl("remote")]).toEqual([url, url, url]);
  expect(await state.gatewaySecrets("local")).toMatchObject({
    REDIS_HOST: "redis.example.com",
    REDIS_PORT: "7000",
    REDIS_USERNAME: "someone",
    REDIS_PASSWORD: "s@cret",
  });
});

test("what the operator edits counts at the next reading, a faulty line is named without its text", async () => {
  await ensureState(dir, {});
  const state = await readState(dir, "127.0.0.1");
  await writeFile(join(dir, "secrets.env"), "TELEGRAM_BOT_TOKEN=1:abc\n");
  expect(await state.gatewaySecrets("local")).toMatchObject({ TELEGRAM_BOT_TOKEN: "1:abc" });
  await writeFile(join(dir, "secrets.env"), "hunter2\n");
  await expect(state.gatewaySecrets("local")).rejects.toThrow(/line 1(?!.*hunter2)/);
});

test("settings that do not fit are named, all at once", async () => {
  await expect(
    ensureState(dir, { CHELA_NAME: "Two Words", CHELA_EDGE_PORT: "99999" }),
  ).rejects.toThrow(/CHELA_NAME.*CHELA_EDGE_PORT/);
});

test("half a certificate is an error that names the missing half", async () => {
  await ensureState(dir, {});
  const state = await readState(dir, "127.0.0.1");
  expect(await state.edgeTls()).toBeNull();
  await writeFile(join(dir, "tls/edge.crt"), "x");
  await expect(state.edgeTls()).rejects.toThrow("tls/edge.key is not");
});
