import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ensureState } from "./ensure-state.ts";
import { ensureFleetFiles, forgetFleetUsers, redisReach } from "./fleet-files.ts";
import { readState } from "./read-state.ts";
import { usersAcl } from "./redis-files.ts";

let dir: string;
beforeEach(async () => {
  dir = join(await mkdtemp(join(tmpdir(), "chela-state-")), "state");
});
afterEach(() => rm(join(dir, ".."), { recursive: true, force: true }));

const stateOf = async (fleet: string, bind = "127.0.0.1") =>
  (await readState(dir, bind)).fleet(fleet);
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
  const secrets = await (await stateOf("chela")).gatewaySecrets("local");
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
  const state = await stateOf("two", "10.1.2.3");
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
  const whole = await readState(dir, "127.0.0.1");
  const state = await whole.fleet("chela");
  expect([access.redisUrl, whole.redisUrl, state.agentRedisUrl("remote")]).toEqual([url, url, url]);
  expect(await state.gatewaySecrets("local")).toMatchObject({
    REDIS_HOST: "redis.example.com",
    REDIS_PORT: "7000",
    REDIS_USERNAME: "someone",
    REDIS_PASSWORD: "s@cret",
  });
});

test("what the operator edits counts at the next reading, a faulty line is named without its text", async () => {
  await ensureState(dir, {});
  const state = await stateOf("chela");
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
  const state = await stateOf("chela");
  expect(await state.edgeTls()).toBeNull();
  await writeFile(join(dir, "tls/edge.crt"), "x");
  await expect(state.edgeTls()).rejects.toThrow("tls/edge.key is not");
});

test("a further fleet has files, secrets and Redis users of its own; what is there is never changed", async () => {
  const access = await ensureState(dir, {});
  expect(await ensureFleetFiles(dir, "two", "x:")).toBe("x:");
  expect(await ensureFleetFiles(dir, "two", "y:")).toBe("x:");
  const [one, two] = [await stateOf("chela"), await stateOf("two")];
  expect(await two.gatewayConfig()).toContain('"keyPrefix": "x:"');
  const [ofOne, ofTwo] = [await one.gatewaySecrets("remote"), await two.gatewaySecrets("remote")];
  expect(ofTwo["REDIS_USERNAME"]).toBe("gateway-two");
  for (const name of ["GENERIC_WEBHOOK_SECRET", "CLIENT_TOKEN", "REDIS_PASSWORD"]) {
    expect(ofTwo[name], name).toBeTruthy();
    expect(ofTwo[name], name).not.toBe(ofOne[name]);
  }
  expect(ofOne["CLIENT_TOKEN"]).toBe(access.clientToken);
  expect(new URL(two.agentRedisUrl("remote")).username).toBe("agent-two");
  for (const name of await readdir(join(dir, "fleets/two"))) {
    const { mode } = await stat(join(dir, "fleets/two", name));
    expect(mode & 0o777, name).toBe(name === "tls" ? 0o700 : 0o600);
  }
  expect((await stat(join(dir, "fleets"))).mode & 0o777).toBe(0o700);
});

test("users of Redis reach their own fleet, the console every one that there is", async () => {
  await ensureState(dir, {});
  await ensureFleetFiles(dir, "two", "x:");
  const lines = async () => {
    const reach = await redisReach(dir);
    return usersAcl(reach!.passwords, reach!.fleets).split("\n");
  };
  const keysOf = (all: string[], user: string) =>
    all
      .find((line) => line.startsWith(`user ${user} `))
      ?.split(" ")
      .filter((rule) => rule.startsWith("~"));
  const one = ["~openclaw:{chela}:*", "~openclaw:{chela:*}:*"];
  const two = ["~x:{two}:*", "~x:{two:*}:*"];
  const before = await lines();
  expect(keysOf(before, "gateway")).toEqual(one);
  expect(keysOf(before, "gateway-two")).toEqual(two);
  expect(keysOf(before, "agent-two")).toEqual(two);
  expect(keysOf(before, "console")).toEqual([...one, ...two]);
  await forgetFleetUsers(dir, "two");
  const after = await lines();
  expect(keysOf(after, "gateway-two")).toBeUndefined();
  expect(keysOf(after, "console")).toEqual(one);
});
