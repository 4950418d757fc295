import { spawn } from "node:child_process";
import { existsSync, openSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { environment } from "../config.ts";
import { attempt, type CommandOptions, type CommandResult } from "../run/command.ts";
import { Problem } from "../run/problem.ts";
import { asRoot, elevation, ensurePackages, whereIs } from "./debian-packages.ts";

const START_WAIT_MS = 60_000;
const LOG = "/var/log/dockerd.log";

/** How `docker` is called here: as oneself, or through sudo where only root may reach the socket. */
let prefix: string[] = [];

/** Runs a docker command that may fail. */
export function dockerAttempt(
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const [command, ...rest] = [...prefix, "docker", ...args];
  return attempt(command!, rest, options);
}

/** Runs a docker command; answers what it printed. @throws Error with the end of its output. */
export async function docker(
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const result = await dockerAttempt(args, options);
  if (result.status === 0) return result.stdout.trim();
  const end = `${result.stderr}\n${result.stdout}`.trim().split("\n").slice(-15).join("\n");
  throw new Error(`docker ${args.slice(0, 5).join(" ")} failed\n${end}`);
}

/** Version of the engine that answers; null where none does. */
export async function findEngine(): Promise<string | null> {
  return (await whereIs("docker")) === null ? null : engineVersion();
}

/** Makes sure that a Docker engine answers; answers its version. */
export async function ensureEngine(): Promise<string> {
  const reachable = await findEngine();
  if (reachable !== null) return reachable;
  const remote = environment["DOCKER_HOST"];
  if (remote !== undefined && remote !== "") {
    throw new Problem(
      `Docker at DOCKER_HOST=${remote} does not answer. ${await refusal()}`,
      "Start that engine, or unset DOCKER_HOST to use the one on this machine.",
    );
  }
  await ensurePackages({ "docker.io": "dockerd", iptables: "iptables" });
  const version = (await engineVersion()) ?? (await startEngine());
  if (version !== null) return version;
  throw new Problem(
    `Docker does not answer. ${await refusal()}`,
    `Look into ${existsSync(LOG) ? LOG : "the engine's log (journalctl -u docker)"}; once "docker info" works, run it again.`,
  );
}

async function startEngine(): Promise<string | null> {
  if (existsSync("/run/systemd/system")) {
    await asRoot(["systemctl", "start", "docker"]);
  } else {
    const root = await elevation();
    if (root === null) {
      throw new Problem(
        "The Docker engine is not running, and starting it needs root.",
        "Start dockerd as root, then run it again.",
      );
    }
    const [command, ...rest] = [...root, (await whereIs("dockerd")) ?? "dockerd"];
    const log = root.length === 0 ? openSync(LOG, "a") : "ignore";
    // It outlives this script: the fleet runs on.
    spawn(command!, rest, { detached: true, stdio: ["ignore", log, log] }).unref();
  }
  const until = performance.now() + START_WAIT_MS;
  while (performance.now() < until) {
    const version = await engineVersion();
    if (version !== null) return version;
    await wait(250);
  }
  return null;
}

async function engineVersion(): Promise<string | null> {
  const ask = ["docker", "version", "--format", "{{.Server.Version}}"];
  const sudo = await elevation();
  for (const candidate of [[], ...(sudo === null || sudo.length === 0 ? [] : [sudo])]) {
    const [command, ...rest] = [...candidate, ...ask];
    const answer = await attempt(command!, rest, { timeoutMs: 20_000 });
    if (answer.status === 0 && answer.stdout.trim() !== "") {
      prefix = candidate;
      return answer.stdout.trim();
    }
  }
  return null;
}

async function refusal(): Promise<string> {
  const answer = await attempt("docker", ["version"], { timeoutMs: 20_000 });
  return answer.stderr.trim().split("\n").at(-1) ?? "";
}
