import { execFile, execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { EdgeSpec, GatewaySpec } from "@chela/shared/agent-link/schema";
import { systemClock } from "@chela/shared/clock/system-clock";
import { pino } from "pino";
import { createAgent } from "../agent.ts";
import { dockerodeEngine } from "../docker/dockerode-engine.ts";
import { guardEngine } from "../docker/guarded-engine.ts";
import { AgentMetrics } from "../figures/metrics.ts";
import { Host } from "../host/host.ts";
import { Images } from "../image/images.ts";
import { ConsoleTransfer } from "../image/transfer.ts";
import { HostConfigurationFile } from "../state/host-configuration.ts";
import { Journal } from "../state/journal.ts";

/** For tests with a real engine: fleets of their own names, images of their own, nothing left behind. */

const SOCKET = "/var/run/docker.sock";
const WAIT_MS = 30_000;
const run = promisify(execFile);

export const docker = async (...args: string[]): Promise<string> =>
  (await run("docker", args, { maxBuffer: 64 * 1024 * 1024 })).stdout.trim();

export async function until<T>(what: string, look: () => Promise<T | null> | T | null): Promise<T> {
  const deadlineMs = performance.now() + WAIT_MS;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (performance.now() > deadlineMs) throw new Error(`Waited ${WAIT_MS / 1000} s for ${what}.`);
    await systemClock.sleep(25);
  }
}

/** The first of these images that is on this machine. */
function localImage(...repositories: string[]): string {
  for (const repository of repositories) {
    const listed = execFileSync("docker", [
      ...["images", "--filter", `reference=${repository}`],
      ...["--format", "{{.Repository}}:{{.Tag}}"],
    ]);
    const found = String(listed).split("\n")[0];
    if (found) return found;
  }
  throw new Error(`None of ${repositories.join(", ")} is on this machine: run bin/up first.`);
}

const edgeImage = (): string => localImage("chela/edge", "chela/base", "nginx");

/** Two images of the stand-in gateway, `<repository>:1` and `:2`, that differ in nothing but a label. */
export async function standInImages(repository: string): Promise<Record<"1" | "2", string>> {
  const base = localImage("chela/node", "chela/gateway", "node");
  const context = await mkdtemp(join(tmpdir(), "chela-stand-in-"));
  await cp(new URL("./stand-in-gateway.mjs", import.meta.url), join(context, "gateway.mjs"));
  await writeFile(
    join(context, "Dockerfile"),
    `FROM ${base}\nCOPY gateway.mjs /gateway.mjs\nENTRYPOINT []\nCMD ["node", "/gateway.mjs"]\n`,
  );
  const ids = { "1": "", "2": "" };
  for (const tag of ["1", "2"] as const) {
    const label = `chela.test.version=${tag}`;
    await docker("build", "-q", "-t", `${repository}:${tag}`, "--label", label, context);
    ids[tag] = await docker("image", "inspect", "-f", "{{.Id}}", `${repository}:${tag}`);
  }
  await rm(context, { recursive: true });
  return ids;
}

export type TestAgent = Awaited<ReturnType<typeof startAgent>>;

/** A whole agent of a fleet, on this machine's engine, without a console. */
export async function startAgent(fleet: string, dataFolder?: string) {
  const folder = dataFolder ?? (await mkdtemp(join(tmpdir(), "chela-agent-")));
  const engine = guardEngine(dockerodeEngine(SOCKET), fleet);
  const configuration = await HostConfigurationFile.open(join(folder, "host.json"));
  const journal = await Journal.open(join(folder, "journal.json"));
  const host = new Host({
    ...{ fleet, host: "test", agentVersion: "test", consoleHost: "127.0.0.1", address: null },
    ...{ engine, clock: systemClock, file: configuration },
  });
  const agent = createAgent({
    ...{ fleet, engine, host, journal, configuration, clock: systemClock },
    images: new Images(engine, new ConsoleTransfer("http://127.0.0.1:9", "test", "secret")),
    hostSecret: "a secret of this host",
    log: pino({ level: "silent" }),
    metrics: new AgentMetrics(),
  });
  const stopping = new AbortController();
  const ended = agent.run(stopping.signal);
  return {
    ...agent.parts,
    folder,
    journal,
    stop: async () => {
      stopping.abort();
      await ended;
    },
  };
}

export function gatewaySpec(gateway: string, image: string, imageId: string): GatewaySpec {
  return {
    ...{
      gateway,
      image,
      imageId,
      release: 1,
      port: null,
      secondPort: null,
      weight: 1,
      stopTimeoutSeconds: 5,
      memoryBytes: null,
    },
    config: '{"gateway":{}}',
    secrets: { A_SECRET: 'with "quotes" and spaces' },
  };
}

export function edgeSpec(edge: string, port: number, config: string): EdgeSpec {
  return { edge, image: edgeImage(), port, config, tls: null };
}

export const testFleet = (): string => `agent-test-${randomBytes(4).toString("hex")}`;

/** Everything that carries the fleet's label. */
export async function removeFleet(fleet: string): Promise<void> {
  const ids = await docker("ps", "-aq", "--filter", `label=chela.fleet=${fleet}`);
  if (ids !== "") await docker("rm", "-f", "-v", ...ids.split("\n"));
}
