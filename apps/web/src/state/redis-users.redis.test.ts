import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEFAULT_KEY_PREFIX, fleetKeys } from "@chela/shared/keys/keys";
import type { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startRedis, type TestRedis } from "../../../../e2e/harness/redis-server.ts";
import { connectRedis } from "../fleet/redis-connection.ts";
import { ensureState } from "./ensure-state.ts";
import { fleetUsers, redisReach } from "./fleet-files.ts";
import { fleetPlaces } from "./fleet-places.ts";
import { usersAcl } from "./redis-files.ts";

let folder: string;
let stateDir: string;
let server: TestRedis;
let passwords: Record<string, string>;
const open: Redis[] = [];

const controlOf = (fleet: string) => fleetKeys(DEFAULT_KEY_PREFIX, fleet).control;
const wakeOf = (fleet: string) => fleetKeys(DEFAULT_KEY_PREFIX, fleet).wake;

async function connected(user: string, password: string): Promise<Redis> {
  const redis = connectRedis(`redis://${user}:${password}@127.0.0.1:${server.port}`, user);
  open.push(redis);
  await once(redis, "ready");
  return redis;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "chela-users-"));
  stateDir = join(folder, "state");
  await ensureState(stateDir, { CHELA_NAME: "one" });
  const reach = await redisReach(stateDir);
  passwords = reach!.passwords;
  const aclfile = join(folder, "users.acl");
  await writeFile(aclfile, usersAcl(reach!.passwords, reach!.fleets));
  // The file's own password of `default` is what counts; the harness asks with this one.
  server = await startRedis({ aclfile, requirepass: reach!.passwords.default });
});
afterAll(async () => {
  for (const redis of open) redis.disconnect();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const places = () =>
  fleetPlaces(stateDir, `redis://default:${passwords["default"]}@127.0.0.1:${server.port}`);

test("a fleet that is made is reached at once by its own users and the console's standing connection, by nobody else", async () => {
  const console = await connected("console", passwords["console"]!);
  const wakes = await connected("console", passwords["console"]!);
  await wakes.subscribe(wakeOf("one"));
  await expect(console.get(controlOf("two"))).rejects.toThrow(/NOPERM/);

  await places().make("two", DEFAULT_KEY_PREFIX);
  expect(await console.set(controlOf("two"), "2")).toBe("OK");
  expect(await console.set(controlOf("one"), "1")).toBe("OK");
  await wakes.subscribe(wakeOf("two"));

  const own = await fleetUsers(stateDir, "two");
  const gateway = await connected("gateway-two", own.gateway);
  expect(await gateway.get(controlOf("two"))).toBe("2");
  await expect(gateway.get(controlOf("one"))).rejects.toThrow(/NOPERM/);
  await expect(gateway.publish(wakeOf("one"), "x")).rejects.toThrow(/NOPERM/);
  const agent = await connected("agent", passwords["agent"]!);
  await expect(agent.get(controlOf("two"))).rejects.toThrow(/NOPERM/);

  // The connection that was there all along has heard of both.
  const heard = new Set<string>();
  wakes.on("message", (channel) => heard.add(channel));
  await gateway.publish(wakeOf("two"), "x");
  await agent.publish(wakeOf("one"), "x");
  await expect.poll(() => heard.size).toBe(2);
});

test("that holds after Redis was killed, and ends when the fleet is removed", async () => {
  const own = await fleetUsers(stateDir, "two");
  await server.restart();
  const gateway = await connected("gateway-two", own.gateway);
  expect(await gateway.get(controlOf("two"))).toBe("2");
  const closed = once(gateway, "close");
  await places().close("two");
  await closed;
  const console = await connected("console", passwords["console"]!);
  await expect(console.get(controlOf("two"))).rejects.toThrow(/NOPERM/);
  expect(await console.get(controlOf("one"))).toBe("1");
  expect(await readFile(join(folder, "users.acl"), "utf8")).not.toContain("gateway-two");
});

test("where Redis does not answer no fleet is made, and nobody may in later", async () => {
  await server.kill();
  await expect(places().make("three", DEFAULT_KEY_PREFIX)).rejects.toMatchObject({
    reason: "redis-unreachable",
  });
  await expect(fleetUsers(stateDir, "three")).rejects.toThrow();
});
