import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { until } from "./wait.ts";

const run = promisify(execFile);

/**
 * A second host on this machine: a network namespace with an address of its own, joined to this machine by a
 * bridge, and a Docker engine of its own inside. Engine and namespace go with `down()`.
 */
export class LabHost {
  /** Address of this machine on the bridge: what the other host can reach. */
  readonly here: string;
  /** Address of the other host. */
  readonly address: string;
  readonly #name: string;
  readonly #folder: string;
  readonly #socket: string;
  #engine: ChildProcess | undefined;

  private constructor() {
    const id = randomBytes(3).toString("hex");
    const subnet = `10.${randomInt(200, 250)}.${randomInt(0, 250)}`;
    this.#name = `chela${id}`;
    this.here = `${subnet}.1`;
    this.address = `${subnet}.11`;
    this.#folder = mkdtempSync(join(tmpdir(), "chela-lab-"));
    this.#socket = join(this.#folder, "docker.sock");
  }

  static async up(): Promise<LabHost> {
    const host = new LabHost();
    try {
      await host.#wire();
      await host.#startEngine();
      return host;
    } catch (error) {
      await host.down();
      throw error;
    }
  }

  /** Runs a shell command on the host, as its operator would. */
  async shell(command: string): Promise<string> {
    const { stdout, stderr } = await run(
      "nsenter",
      [`--net=/run/netns/${this.#name}`, "sh", "-c", command],
      { env: { ...process.env, DOCKER_HOST: `unix://${this.#socket}` }, maxBuffer: 1 << 26 },
    );
    return stdout + stderr;
  }

  async down(): Promise<void> {
    if (this.#engine?.pid !== undefined) {
      const containers = (await this.shell("docker ps -aq").catch(() => "")).trim();
      if (containers) {
        await this.shell(`docker rm -f ${containers.split("\n").join(" ")}`).catch(() => {
          // The engine goes next, and what it runs with it.
        });
      }
      const gone = new Promise((resolve) => this.#engine!.once("exit", resolve));
      this.#engine.kill("SIGTERM");
      await gone;
    }
    const bridge = `br${this.#name}`;
    for (const args of [
      ["netns", "del", this.#name],
      ["link", "del", bridge],
    ]) {
      await run("ip", args).catch(() => {
        // Not there: nothing to take down.
      });
    }
    // The engine keeps its network namespace mounted when it goes.
    await run("umount", [join(this.#folder, "exec/netns/default")]).catch(() => {
      // Not mounted: the engine never started.
    });
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #wire(): Promise<void> {
    const [bridge, outer, inner] = [`br${this.#name}`, `vo${this.#name}`, `vi${this.#name}`];
    for (const line of [
      `link add ${bridge} type bridge`,
      `addr add ${this.here}/24 dev ${bridge}`,
      `link set ${bridge} up`,
      `netns add ${this.#name}`,
      `link add ${outer} type veth peer name ${inner}`,
      `link set ${outer} master ${bridge}`,
      `link set ${outer} up`,
      `link set ${inner} netns ${this.#name}`,
      `-n ${this.#name} addr add ${this.address}/24 dev ${inner}`,
      `-n ${this.#name} link set ${inner} up`,
      `-n ${this.#name} link set lo up`,
      `-n ${this.#name} route add default via ${this.here}`,
    ]) {
      await run("ip", line.split(" "));
    }
  }

  async #startEngine(): Promise<void> {
    const log = openSync(join(this.#folder, "engine.log"), "a");
    const parts = {
      "data-root": "data",
      "exec-root": "exec",
      pidfile: "engine.pid",
    };
    this.#engine = spawn(
      "nsenter",
      [
        `--net=/run/netns/${this.#name}`,
        "dockerd",
        ...Object.entries(parts).flatMap(([flag, path]) => [`--${flag}`, join(this.#folder, path)]),
        "-H",
        `unix://${this.#socket}`,
        "--bip",
        "172.31.0.1/16",
        "--cgroup-parent",
        this.#name,
      ],
      { stdio: ["ignore", log, log] },
    );
    await until("the host's engine", () => this.shell("docker version"), {
      timeoutMs: 60_000,
      everyMs: 200,
    });
  }
}
