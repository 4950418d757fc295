import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureState } from "../apps/web/src/state/ensure-state.ts";
import { freePort, startRedis, type TestRedis } from "./harness/redis-server.ts";
import { until } from "./harness/wait.ts";

/** `bin/chela` as an operator types it, against a real console and agent. Nothing is placed: there is no engine. */
const ROOT = join(import.meta.dirname, "..");
let folder: string;
let redis: TestRedis;
let port: number;
let agentPort: number;
const started: ChildProcess[] = [];

function run(entry: string, env: Record<string, string>): ChildProcess {
  const child = spawn(process.execPath, [join(ROOT, "apps", entry)], {
    env: { PATH: process.env["PATH"], ...env },
    stdio: "ignore",
  });
  started.push(child);
  return child;
}

/** From another folder than the clone's, as from anywhere. */
async function chela(args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(join(ROOT, "bin/chela"), args, {
    cwd: folder,
    env: {
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      CHELA_STATE_DIR: join(folder, "state"),
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, err, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  return { code, out, err };
}

const figures = async (at: number) => (await fetch(`http://127.0.0.1:${at}/metrics`)).text();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "chela-command-line-"));
  redis = await startRedis();
  [port, agentPort] = [await freePort(), await freePort()];
  await ensureState(join(folder, "state"), {
    CHELA_NAME: "one",
    CHELA_CONSOLE_PORT: String(port),
    REDIS_URL: redis.url,
  });
  run("web/src/main.ts", {
    CHELA_NAME: "one",
    CHELA_STATE_DIR: join(folder, "state"),
    CHELA_CONSOLE_PORT: String(port),
    CHELA_LISTEN: "127.0.0.1",
    CHELA_LOG_LEVEL: "error",
  });
  run("agent/src/main.ts", {
    CHELA_NAME: "one",
    CHELA_HOST: "local",
    CHELA_CONSOLE: `ws://127.0.0.1:${port}/agent`,
    CHELA_AGENT_SECRET_FILE: join(folder, "state/agent-local.secret"),
    CHELA_AGENT_DATA: join(folder, "agent"),
    CHELA_AGENT_METRICS_PORT: String(agentPort),
    DOCKER_SOCKET: join(folder, "no-engine.sock"),
  });
  await until("the agent is connected", async () =>
    (await figures(port)).includes('chela_console_agents_connected{fleet="one"} 1'),
  );
});
afterAll(async () => {
  for (const child of started) {
    if (child.exitCode !== null) continue;
    child.kill("SIGKILL");
    await once(child, "exit");
  }
  await redis.stop();
  await rm(folder, { recursive: true, force: true });
});

describe("bin/chela", () => {
  it("finds the console by itself and shows the fleet", async () => {
    const { code, out } = await chela(["status"]);
    expect([code, out]).toEqual([0, expect.stringMatching(/^local +connected/m)]);
    expect(out).toContain("Redis 7");
  });

  it("hands out a command with which a host joins, on standard output alone", async () => {
    const { code, out, err } = await chela(["hosts", "join-token", "host-b"]);
    expect([code, out.trim().split("\n")]).toEqual([0, [expect.stringContaining("curl")]]);
    expect(err).toContain("Run it on host-b");
  });

  it("works with a token of its own from anywhere, and ends with 5 where that may not", async () => {
    const made = await chela(["tokens", "create", "ci", "--role", "viewer"]);
    expect(made.code).toBe(0);
    const own = {
      CHELA_STATE_DIR: join(folder, "nowhere"),
      CHELA_URL: `http://127.0.0.1:${port}`,
      CHELA_TOKEN: made.out.trim(),
    };
    expect((await chela(["gateways", "list", "--json"], own)).code).toBe(0);
    const pause = ["failover", "pause", "--yes"];
    const refused = await chela(pause, own);
    expect([refused.code, refused.err]).toEqual([5, expect.stringContaining("role-too-low")]);
  });

  it("pauses automatic failover, shows it, ends it", async () => {
    expect((await chela(["failover", "pause", "--yes", "--reason", "cables"])).code).toBe(0);
    await until("it is shown", async () => (await chela(["status"])).out.includes("(cables)"));
    expect(await figures(port)).toContain('chela_console_failover_paused{fleet="one"} 1');
    expect((await chela(["failover", "resume"])).code).toBe(0);
    await until("it is over", async () => !(await chela(["status"])).out.includes("PAUSED"));
  });

  it("what was exported would change nothing, a changed document says what it would", async () => {
    const { code, out } = await chela(["spec", "export"]);
    expect(code).toBe(0);
    await writeFile(join(folder, "fleet.yaml"), out);
    const same = await chela(["spec", "diff", "fleet.yaml", "--exit-code"]);
    expect([same.code, same.out]).toEqual([0, "The fleet is what the document says.\n"]);
    await writeFile(join(folder, "other.yaml"), out.replace(/\bfloor: 1\b/, "floor: 2"));
    const other = await chela(["spec", "diff", "other.yaml", "--exit-code"]);
    expect([other.code, other.out]).toEqual([1, expect.stringContaining("~ floor: 1 → 2")]);
  });

  it("refuses to promote what cannot be, with 3 and the checks' words", async () => {
    const { code, err } = await chela(["promote", "gw-1", "--yes"]);
    expect([code, err.length > 20]).toEqual([3, true]);
  });

  it("all of that stands in a record that is unbroken", async () => {
    const { code, out } = await chela(["audit", "export", "--out", "audit.jsonl", "--verify"]);
    expect([code, out]).toEqual([0, expect.stringContaining("Unbroken")]);
    const record = await readFile(join(folder, "audit.jsonl"), "utf8");
    for (const action of ["hosts.createJoinToken", "tokens.create", "failover.pause"]) {
      expect(record).toContain(`"action":"${action}"`);
    }
  });

  it("the store is backed up while the console runs", async () => {
    const { code, out } = await chela(["backup", "chela.sqlite"]);
    expect([code, out]).toEqual([0, expect.stringContaining("chela.sqlite and its manifest")]);
  });
});

describe("figures", () => {
  it("the agent tells that it is linked and that no engine answers", async () => {
    const told = await figures(agentPort);
    expect(told).toContain("chela_agent_linked 1");
    expect(told).toContain("chela_agent_engine_up 0");
  });

  it("the console tells that it acts as controller", async () => {
    const told = await figures(port);
    expect(told).toContain("chela_console_controller_acting 1");
    expect(told).toMatch(/^chela_console_controller_epoch [1-9]/m);
    expect(told).toContain('chela_console_redis_reachable{fleet="one"} 1');
  });
});
