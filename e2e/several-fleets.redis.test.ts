import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type {
  FigureSeries,
  FleetView,
  HostView,
  JoinToken,
  OperationView,
  Page,
  SessionSummary,
} from "@chela/shared/fleet/view";
import { DEFAULT_KEY_PREFIX, shardKeys } from "@chela/shared/keys/keys";
import { shardOf } from "@chela/shared/shard/shard-of";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectRedis } from "../apps/web/src/fleet/redis-connection.ts";
import { ensureState } from "../apps/web/src/state/ensure-state.ts";
import { ControlApi } from "./harness/control-api.ts";
import { freePort, startRedis, type TestRedis } from "./harness/redis-server.ts";
import { until } from "./harness/wait.ts";

/**
 * Two fleets in one console: the real process, with real agents over real links. The agents have no Docker engine, so
 * nothing is ever placed; what is shown here is that the fleets do not meet.
 */

const APPS = join(import.meta.dirname, "../apps");
const SHARDS = 16;
let folder: string;
let redisServer: TestRedis;
let redis: ReturnType<typeof connectRedis>;
let api: ControlApi;
let port: number;
let console_: ChildProcess;
const agents = new Map<string, ChildProcess>();

function run(entry: string, env: Record<string, string>): ChildProcess {
  return spawn(process.execPath, [join(APPS, entry)], {
    env: { PATH: process.env["PATH"], ...env },
    stdio: "ignore",
  });
}

async function end(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}

function startConsole(): ChildProcess {
  return run("web/src/main.ts", {
    CHELA_NAME: "one",
    CHELA_STATE_DIR: join(folder, "state"),
    CHELA_CONSOLE_PORT: String(port),
    CHELA_LISTEN: "127.0.0.1",
    CHELA_LOG_LEVEL: "error",
  });
}

/** As a container of the join script runs it. */
async function startAgent(fleet: string, host: string, env: Record<string, string>): Promise<void> {
  const name = `${fleet}/${host}`;
  await end(agents.get(name));
  agents.set(
    name,
    run("agent/src/main.ts", {
      CHELA_NAME: fleet,
      CHELA_HOST: host,
      CHELA_CONSOLE: `ws://127.0.0.1:${port}/agent`,
      CHELA_AGENT_DATA: join(folder, `${fleet}-agent-${host}`),
      CHELA_AGENT_METRICS_PORT: "0",
      DOCKER_SOCKET: join(folder, "no-engine.sock"),
      ...env,
    }),
  );
}

async function join_(fleet: string, host: string): Promise<void> {
  const { token } = await api.mutate<JoinToken>("hosts.createJoinToken", { fleet, host });
  await startAgent(fleet, host, { CHELA_JOIN_TOKEN: token });
}

const connected = (fleet: string) =>
  until(`the hosts of ${fleet}`, async () => {
    const { items } = await api.query<Page<HostView>>("hosts.list", { fleet });
    return items.every((host) => host.connected) ? items.map(({ name }) => name) : null;
  });
const answering = () =>
  until("the console answers", async () => (await fetch(`http://127.0.0.1:${port}/healthz`)).ok);

async function keepSession(fleet: string, session: string): Promise<void> {
  const keys = shardKeys(DEFAULT_KEY_PREFIX, fleet, shardOf(session, SHARDS));
  await redis.zadd(keys.sessions, Date.now() + 600_000, session);
  await redis.hset(keys.session(session), {
    channel: "generic",
    createdAt: Date.now(),
    lastAt: Date.now(),
    messages: 2,
    gateway: "gw-1",
    epoch: 1,
  });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "chela-fleets-"));
  redisServer = await startRedis();
  redis = connectRedis(redisServer.url, "test");
  await once(redis, "ready");
  port = await freePort();
  const access = await ensureState(join(folder, "state"), {
    CHELA_NAME: "one",
    CHELA_CONSOLE_PORT: String(port),
    REDIS_URL: redisServer.url,
  });
  api = new ControlApi(`http://127.0.0.1:${port}`, access.apiToken);
  console_ = startConsole();
  await answering();
  await startAgent("one", "local", {
    CHELA_AGENT_SECRET_FILE: join(folder, "state/agent-local.secret"),
  });
});
afterAll(async () => {
  for (const agent of agents.values()) await end(agent);
  await end(console_);
  redis.disconnect();
  await redisServer.stop();
  await rm(folder, { recursive: true, force: true });
});

describe("two fleets of one console", () => {
  it("the second begins without a restart, empty, with files of its own", async () => {
    const made = await api.mutate<FleetView>("fleets.create", { fleet: "two" });
    expect(made).toMatchObject({ fleet: "two", gateways: [], hosts: [], edges: [] });
    await expect(api.mutate("fleets.create", { fleet: "two" })).rejects.toMatchObject({
      code: "CONFLICT",
      reason: "fleet-exists",
    });
    const own = await readFile(join(folder, "state/fleets/two/secrets.env"), "utf8");
    expect(own).not.toBe(await readFile(join(folder, "state/secrets.env"), "utf8"));
    await expect(api.fleet("three")).rejects.toThrow(/this console runs one, two/);
  });

  it("hosts of the same name are two hosts, and each agent is configured for its own fleet", async () => {
    await join_("one", "host-a");
    await join_("two", "host-a");
    await until("both of one", async () => (await connected("one")).length === 2);
    await until("the one of two", async () => (await connected("two")).length === 1);
    expect(await connected("one")).toEqual(["local", "host-a"]);
    expect(await connected("two")).toEqual(["host-a"]);
    const kept = JSON.parse(await readFile(join(folder, "two-agent-host-a/host.json"), "utf8"));
    expect(kept).toMatchObject({ fleet: "two", host: "host-a" });
  });

  it("a token of one fleet joins no host to the other, a revoked host leaves the other's alone", async () => {
    const { token } = await api.mutate<JoinToken>("hosts.createJoinToken", {
      fleet: "two",
      host: "host-b",
    });
    const script = await (await fetch(`http://127.0.0.1:${port}/join?token=${token}`)).text();
    expect(script).toContain("NAME='two-agent-host-b'");
    const asked = (fleet: string) =>
      fetch(`http://127.0.0.1:${port}/agent/join`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ token, fleet, host: "host-b" }),
      });
    expect((await asked("one")).status).toBe(403);
    expect((await asked("two")).status).toBe(200);
    expect(await hostOf("one", "host-b")).toBeUndefined();
    await api.mutate("hosts.revoke", { fleet: "two", host: "host-b" });

    await api.mutate("hosts.revoke", { fleet: "two", host: "host-a" });
    expect(await connected("one")).toEqual(["local", "host-a"]);
    await join_("two", "host-a");
    await until("it is back", async () => (await hostOf("two", "host-a"))?.connected);
  });

  it("neither sees the other's gateways, sessions, operations, events or figures", async () => {
    await keepSession("one", "generic:alice");
    const sessions = (fleet: string) => api.query<Page<SessionSummary>>("sessions.list", { fleet });
    expect((await sessions("one")).items.map(({ session }) => session)).toEqual(["generic:alice"]);
    expect((await sessions("two")).items).toEqual([]);
    const counted = async (fleet: string) => (await api.fleet(fleet)).sessions.total;
    expect([await counted("one"), await counted("two")]).toEqual([1, 0]);
    expect((await api.fleet("one")).gateways.map(({ name }) => name)).toEqual(["gw-1", "gw-2"]);
    expect((await api.fleet("two")).gateways).toEqual([]);

    // One operation a time and fleet: this one waits for an engine that is not there, the other fleet's ends.
    const [inOne, inTwo] = [
      await api.mutate<{ operationId: string }>("edges.apply", { fleet: "one" }),
      await api.mutate<{ operationId: string }>("edges.apply", { fleet: "two" }),
    ];
    await api.finished(inTwo.operationId);
    expect((await api.operation(inOne.operationId)).state).toBe("running");
    const listed = async (fleet: string) =>
      (await api.operations(fleet)).items.map(({ id, fleet: of }) => [of, id]);
    expect(await listed("one")).toEqual([["one", inOne.operationId]]);
    expect(await listed("two")).toEqual([["two", inTwo.operationId]]);
    const aborted = await api.mutate<OperationView>("operations.abort", inOne);
    expect(aborted.fleet).toBe("one");
    const { points } = await api.query<FigureSeries>("figures.series", {
      fleet: "two",
      window: "15m",
    });
    expect(points.every(({ sessions: seen }) => seen === null || seen === 0)).toBe(true);
  });

  it("both are there after the console was killed, and their agents come back by themselves", async () => {
    await end(console_);
    console_ = startConsole();
    await answering();
    await until("both", async () => {
      const { items } = await api.query<Page<FleetView>>("fleets.list", {});
      return items.map(({ fleet }) => fleet).join() === "one,two";
    });
    await until("the agents", async () => {
      const [one, two] = [await connected("one"), await connected("two")];
      return one?.length === 2 && two?.length === 1;
    });
  });

  it("a fleet is removed by its name only; its hosts are cut off, the other one goes on", async () => {
    const remove = (fleet: string, confirm: string) =>
      api.mutate("fleets.remove", { fleet, confirm });
    await expect(remove("one", "one")).rejects.toMatchObject({ reason: "first-fleet" });
    await expect(remove("two", "one")).rejects.toMatchObject({ reason: "not-confirmed" });
    await remove("two", "two");
    await expect(api.fleet("two")).rejects.toMatchObject({ reason: "no-such-fleet" });
    expect(await connected("one")).toEqual(["local", "host-a"]);
    await expect(
      api.mutate("fleets.create", { fleet: "two", shards: SHARDS * 2 }),
    ).rejects.toMatchObject({ reason: "shards-fixed" });
    const again = await api.mutate<FleetView>("fleets.create", { fleet: "two" });
    expect(again.hosts).toEqual([]);
  });
});

async function hostOf(fleet: string, host: string): Promise<HostView | undefined> {
  const { items } = await api.query<Page<HostView>>("hosts.list", { fleet });
  return items.find(({ name }) => name === host);
}
