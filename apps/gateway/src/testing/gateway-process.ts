import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GatewayStatus } from "@chela/shared/agent-link/schema";
import { fleetKeys } from "@chela/shared/keys/keys";
import { signWebhook } from "../../../../scripts/fleet/signed-webhook.ts";

export const WEBHOOK_SECRET = `whsec_${Buffer.from("a secret of thirty-two bytes....").toString("base64")}`;
const ADMIN_TOKEN = "admin-token";
const MAIN = new URL("../main.ts", import.meta.url).pathname;

interface Hashes {
  hset(key: string, fields: Record<string, string | number>): Promise<unknown>;
}

/** As the console does for a new fleet. */
export async function writeControl(redis: Hashes, fleet: string, preferred: string): Promise<void> {
  await redis.hset(fleetKeys("openclaw:", fleet).control, {
    layout: 1,
    shards: 16,
    mode: "active-standby",
    actives: 1,
    preferred: JSON.stringify([preferred]),
    generation: 1,
    operation: "",
  });
}

/** With a declared length, or in chunks without one. */
export type Body = string | ReadableStream;

export interface Answered {
  readonly status: number;
  readonly body: { status?: string; error?: { code: string } };
  readonly headers: Headers;
}

/** A gateway as it runs in its container: its own process, its own files. */
export class GatewayProcess {
  readonly port: number;
  readonly adminPort: number;
  readonly process: ChildProcess;
  readonly #folder: string;
  output = "";

  private constructor(
    name: string,
    fleet: string,
    settings: object,
    port: number,
    adminPort: number,
  ) {
    this.port = port;
    this.adminPort = adminPort;
    this.#folder = mkdtempSync(join(tmpdir(), "chela-gateway-"));
    const config = join(this.#folder, "gateway.json");
    const secrets = join(this.#folder, "secrets.env");
    writeFileSync(config, JSON.stringify(settings));
    writeFileSync(secrets, `WEBHOOK_SECRET=${WEBHOOK_SECRET}\nCHELA_ADMIN_TOKEN=${ADMIN_TOKEN}\n`);
    this.process = spawn(process.execPath, [MAIN], {
      env: {
        CHELA_FLEET: fleet,
        CHELA_GATEWAY: name,
        CHELA_CONFIG: config,
        CHELA_SECRETS: secrets,
        CHELA_PORT: String(port),
        CHELA_ADMIN_PORT: String(adminPort),
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const keep = (chunk: Buffer) => {
      this.output += chunk.toString();
    };
    this.process.stdout!.on("data", keep);
    this.process.stderr!.on("data", keep);
  }

  static async start(name: string, fleet: string, settings: object): Promise<GatewayProcess> {
    return new GatewayProcess(name, fleet, settings, await freePort(), await freePort());
  }

  /** Its exit code; null where a signal ended it. */
  async exit(): Promise<number | null> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      await once(this.process, "exit");
    }
    return this.process.exitCode;
  }

  async end(): Promise<void> {
    this.process.kill("SIGKILL");
    await this.exit();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async status(): Promise<GatewayStatus> {
    return (await (await fetch(`http://127.0.0.1:${this.port}/status`)).json()) as GatewayStatus;
  }

  async send(id: string, session: string, text: string): Promise<Answered> {
    const { headers, body } = signWebhook(WEBHOOK_SECRET, id, { session, text });
    return this.post("/webhooks/generic", headers, body);
  }

  async post(path: string, headers: Record<string, string>, body: Body): Promise<Answered> {
    const response = await fetch(`http://127.0.0.1:${this.port}${path}`, {
      method: "POST",
      headers,
      body,
      ...(body instanceof ReadableStream ? { duplex: "half" } : {}),
    });
    const answer = (await response.json()) as Answered["body"];
    return { status: response.status, body: answer, headers: response.headers };
  }

  admin(path: string, init: RequestInit = {}, token = ADMIN_TOKEN): Promise<Response> {
    const headers = { authorization: `Bearer ${token}` };
    return fetch(`http://127.0.0.1:${this.adminPort}${path}`, { ...init, headers });
  }
}

/** The contract's blocks, for a Redis on this machine. */
export function settingsFor(redisPort: number, more: object = {}): object {
  return {
    gateway: {
      session: {
        store: "redis",
        redis: { host: "127.0.0.1", port: redisPort, db: 0, keyPrefix: "openclaw:" },
      },
      webhook: { deduplication: true, deduplicationStore: "redis", deduplicationTTL: 600 },
      channels: { generic: { secret: "{{WEBHOOK_SECRET}}" } },
      ...more,
    },
  };
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
