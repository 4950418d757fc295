import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { GatewayStatus } from "@chela/shared/agent-link/schema";
import { initialGatewayConfig } from "../../apps/web/src/state/initial-files.ts";
import { ControlApi } from "./control-api.ts";
import { Load } from "./load.ts";
import { faultsOf, Traffic, type TrafficReport } from "./traffic.ts";
import { until } from "./wait.ts";

const run = promisify(execFile);
const ROOT = new URL("../..", import.meta.url).pathname;
const RELEASES = new URL("../fixtures/releases", import.meta.url).pathname;

export interface Access {
  consoleUrl: string;
  edgeUrl: string;
  adminEmail: string;
  adminPassword: string;
  apiToken: string;
  webhookSecret: string;
  clientToken: string;
  redisUrl: string;
  fleet: string;
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/**
 * A real fleet of its own, brought up by `bin/up` under its own name and ports, beside whatever else runs on
 * the engine; and the verbs to hurt it with.
 */
export class Fleet {
  readonly access: Access;
  readonly api: ControlApi;
  readonly name: string;
  readonly #environment: Record<string, string>;
  /** Image that the fleet came up with: all others are made from it. */
  #firstImage: string | undefined;

  private constructor(environment: Record<string, string>) {
    this.#environment = environment;
    this.access = JSON.parse(
      readFileSync(join(environment["CHELA_STATE_DIR"]!, "access.json"), "utf8"),
    ) as Access;
    this.name = this.access.fleet;
    this.api = new ControlApi(this.access.consoleUrl, this.access.apiToken);
  }

  /** `assistant`: another one than plain echo, as an operator writes it into gateway.json before the first start. */
  static async up(extra: Record<string, string> = {}, assistant?: object): Promise<Fleet> {
    const environment = {
      CHELA_NAME: `chela-${randomBytes(3).toString("hex")}`,
      CHELA_EDGE_PORT: String(await freePort()),
      CHELA_CONSOLE_PORT: String(await freePort()),
      CHELA_REDIS_PORT: String(await freePort()),
      CHELA_STATE_DIR: mkdtempSync(join(tmpdir(), "chela-state-")),
      ...extra,
    };
    if (assistant !== undefined) {
      const { gateway } = JSON.parse(initialGatewayConfig("echo")) as { gateway: object };
      const config = JSON.stringify({ gateway: { ...gateway, assistant } });
      writeFileSync(join(environment["CHELA_STATE_DIR"]!, "gateway.json"), config);
    }
    try {
      await Fleet.#bin("up", environment);
    } catch (error) {
      await Fleet.#bin("down", environment, "--purge").catch(() => {
        // The failure of `up` is the one to tell.
      });
      throw error;
    }
    return new Fleet(environment);
  }

  /** `bin/down` without `--purge`: its data stay. */
  async rest(): Promise<void> {
    await Fleet.#bin("down", this.#environment);
  }

  async down(): Promise<void> {
    await Fleet.#bin("down", this.#environment, "--purge");
    const images = await this.docker("images", "-q", "--filter", `reference=*/*:${this.name}-*`);
    if (images !== "") await this.docker("rmi", "-f", ...new Set(images.split("\n")));
  }

  /** Another image of the repository that runs: the same program under another label, hence another id. */
  newImage(version: string): Promise<string> {
    return this.#image(version, [`LABEL test.version=${version}`]);
  }

  /**
   * An image whose gateways are bad: the real gateway with a file of e2e/fixtures/releases loaded before it, and
   * Node's further `options`.
   */
  badImage(release: string, ...options: string[]): Promise<string> {
    const preload = [`--import=/releases/${release}.mjs`, ...options].join(" ");
    return this.#image(release, [`ENV NODE_OPTIONS="${preload}"`]);
  }

  async #image(version: string, changes: string[]): Promise<string> {
    this.#firstImage ??= (await this.view()).gateways[0]!.image;
    const first = this.#firstImage;
    const tag = `${first.slice(0, first.lastIndexOf(":"))}:${this.name}-${version}`;
    const container = await this.docker("create", first);
    await this.docker("cp", RELEASES, `${container}:/releases`);
    await this.docker("commit", ...changes.flatMap((change) => ["-c", change]), container, tag);
    await this.docker("rm", container);
    return tag;
  }

  /** Runs `bin/up` again. */
  async upAgain(): Promise<string> {
    return Fleet.#bin("up", this.#environment);
  }

  static #bin(
    command: string,
    environment: Record<string, string>,
    ...args: string[]
  ): Promise<string> {
    return new Promise((resolve, reject) => {
      const child = spawn(join(ROOT, "bin", command), args, {
        env: { ...process.env, ...environment },
        stdio: ["ignore", "pipe", "pipe"],
      });
      let output = "";
      const keep = (chunk: Buffer) => {
        output += chunk.toString();
      };
      child.stdout.on("data", keep);
      child.stderr.on("data", keep);
      child.on("error", reject);
      child.on("exit", (code) =>
        code === 0
          ? resolve(output)
          : reject(new Error(`bin/${command} exited ${code}:\n${output.slice(-4000)}`)),
      );
    });
  }

  /** What an operator edits and keeps. */
  get stateDir(): string {
    return this.#environment["CHELA_STATE_DIR"]!;
  }

  // ---- looking ---------------------------------------------------------------------------------

  view = () => this.api.fleet(this.name);

  async roles(): Promise<Record<string, string>> {
    const { gateways } = await this.view();
    return Object.fromEntries(gateways.map((g) => [g.name, g.role]));
  }

  async active(): Promise<string> {
    return until("one active gateway", async () => {
      const active = (await this.view()).gateways.filter((g) => g.role === "active");
      return active.length === 1 ? active[0]!.name : null;
    });
  }

  async standby(): Promise<string> {
    return until("a healthy standby", async () => {
      const { gateways } = await this.view();
      return gateways.find((g) => g.role === "standby" && g.health === "healthy")?.name;
    });
  }

  /** Every gateway healthy, exactly one active. */
  async settled(): Promise<void> {
    await until(
      "every gateway healthy, one active",
      async () => {
        const { gateways } = await this.view();
        return (
          gateways.every((g) => g.health === "healthy") &&
          gateways.filter((g) => g.role === "active").length === 1 &&
          gateways.filter((g) => g.role === "standby").length === gateways.length - 1
        );
      },
      { timeoutMs: 60_000 },
    );
  }

  /** The gateway's own word, past edge, console and agent. */
  async status(gateway: string): Promise<GatewayStatus> {
    const { host, port } = await this.address(gateway);
    const response = await fetch(`http://${host}:${port}/status`, {
      signal: AbortSignal.timeout(1_000),
    });
    return (await response.json()) as GatewayStatus;
  }

  async metric(gateway: string, name: string): Promise<number> {
    const { host, port } = await this.address(gateway);
    const text = await (await fetch(`http://${host}:${port}/metrics`)).text();
    return text
      .split("\n")
      .filter((line) => line.startsWith(name) && !line.startsWith("#"))
      .reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
  }

  async address(gateway: string): Promise<{ host: string; port: number }> {
    const ports = JSON.parse(
      await this.docker(
        "inspect",
        "-f",
        "{{json .HostConfig.PortBindings}}",
        this.container(gateway),
      ),
    ) as Record<string, { HostIp: string; HostPort: string }[]>;
    const binding = ports["3000/tcp"]![0]!;
    return { host: binding.HostIp, port: Number(binding.HostPort) };
  }

  // ---- hurting ---------------------------------------------------------------------------------

  container = (part: string) => `${this.name}-${part}`;

  async docker(...args: string[]): Promise<string> {
    return (await run("docker", args)).stdout.trim();
  }

  /** The gateway's process on this machine. */
  async pid(part: string): Promise<number> {
    return Number(await this.docker("inspect", "-f", "{{.State.Pid}}", this.container(part)));
  }

  /** SIGKILL to the process itself, as a crash would. */
  async kill(part: string): Promise<void> {
    process.kill(await this.pid(part), "SIGKILL");
  }

  async pause(part: string): Promise<void> {
    process.kill(await this.pid(part), "SIGSTOP");
  }

  async resume(part: string): Promise<void> {
    process.kill(await this.pid(part), "SIGCONT");
  }

  // ---- traffic ---------------------------------------------------------------------------------

  traffic(name: string, perSecond = 100, sessions = 20): Traffic {
    return new Traffic({
      edgeUrl: this.access.edgeUrl,
      secret: this.access.webhookSecret,
      perSecond,
      sessions,
      name,
    }).start();
  }

  /** Webhooks at fixed times, however long answers take. */
  load(name: string, perSecond = 200): Load {
    return new Load({
      edgeUrl: this.access.edgeUrl,
      secret: this.access.webhookSecret,
      perSecond,
      name,
    });
  }

  /** Faults of all sessions of a run, once everything accepted has been processed. */
  async faults(report: Pick<TrafficReport, "accepted">): Promise<string[]> {
    await until("an empty inbox", async () => {
      const { gateways } = await this.view();
      return gateways.every((g) => g.backlog === 0 && g.inFlight === 0);
    });
    const sessions = [...report.accepted];
    const faults = await Promise.all(
      sessions.map(async ([session, texts]) => {
        let last: string[] = [];
        await until(
          `${session} to be complete`,
          async () => {
            last = faultsOf(await this.api.session(this.name, `generic:${session}`), texts);
            return last.length === 0;
          },
          { timeoutMs: 5_000, everyMs: 250 },
        ).catch(() => {
          // `last` says what is missing.
        });
        return last;
      }),
    );
    return faults.flat();
  }
}
