import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { shardKeys } from "@chela/shared/keys/keys";
import { commandConnection } from "../../apps/gateway/src/redis/redis-connection.ts";
import { gatewayConfigSchema, type RedisSettings } from "../../apps/gateway/src/settings.ts";
import {
  GatewayProcess,
  settingsFor,
  writeControl,
} from "../../apps/gateway/src/testing/gateway-process.ts";
import { startRedis, type TestRedis } from "../../e2e/harness/redis-server.ts";
import { until } from "../../e2e/harness/wait.ts";
import { CORE, pin } from "./machine.ts";

export type Connection = ReturnType<typeof commandConnection>;

/** As writeControl makes a fleet. */
export const SHARDS = 16;

/** Room for everything a measure sends while nobody processes. */
const ROOMY = { deduplication: true, deduplicationTTL: 600, backlogMax: 10_000_000 };

/** A program's next message; throws when it ends instead. */
export async function messageOf<Message>(child: ChildProcess): Promise<Message> {
  const over = new AbortController();
  const { signal } = over;
  const ended = once(child, "exit", { signal }).then(() => {
    throw new Error(`${child.spawnargs[1]} ended.`);
  });
  const message = once(child, "message", { signal }) as Promise<[Message]>;
  try {
    return (await Promise.race([message, ended]))[0];
  } finally {
    over.abort();
    for (const rest of [message, ended]) rest.catch(() => {});
  }
}

/** A Redis of its own and whatever a measure starts beside it; `close` ends all of it, at any moment. */
export class Lab {
  readonly redis: TestRedis;
  readonly connection: Connection;
  readonly settings: RedisSettings;
  redisPid = 0;
  #closed = false;
  readonly #ends: (() => unknown)[] = [];

  private constructor(redis: TestRedis) {
    this.redis = redis;
    const file = settingsFor(redis.port, { channels: {} });
    this.settings = gatewayConfigSchema.parse(file).gateway.session.redis;
    this.connection = commandConnection({ ...this.settings }, "bench");
  }

  /** Without persistence: what is compared is work, not this machine's disk. */
  static async open(): Promise<Lab> {
    const redis = await startRedis({ appendonly: "no" });
    const lab = new Lab(redis);
    lab.onClose(() => redis.stop());
    lab.onClose(() => lab.connection.disconnect());
    lab.connection.on("error", () => {});
    await lab.connection.connect();
    const info = await lab.connection.info("server");
    lab.redisPid = Number(/process_id:(\d+)/.exec(info)?.[1]);
    pin(lab.redisPid, CORE.redis);
    return lab;
  }

  /** What is started while everything is being ended, is ended at once. */
  onClose(end: () => unknown): void {
    if (this.#closed) void end();
    else this.#ends.push(end);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const end of this.#ends.splice(0).reverse()) await end();
  }

  async writeFleet(fleet: string, preferred: string): Promise<void> {
    await writeControl(this.connection, fleet, preferred);
  }

  /** A real gateway process; ready when this resolves. `more`: beside the contract's blocks. */
  async gateway(name: string, fleet: string, more: object = {}): Promise<GatewayProcess> {
    const settings = settingsFor(this.redis.port, { webhook: ROOMY, ...more });
    const gateway = await GatewayProcess.start(name, fleet, settings);
    this.onClose(() => gateway.end());
    pin(gateway.process.pid!, CORE.server);
    const ended = gateway.exit().then(() => {
      throw new Error(`Gateway ${name} ended: ${gateway.output.slice(-1_000)}`);
    });
    const ready = until(`gateway ${name}`, async () => (await gateway.status()).ready);
    await Promise.race([ready, ended]);
    // From here on it may end whenever it is told to.
    ended.catch(() => {});
    return gateway;
  }

  async active(gateway: GatewayProcess): Promise<void> {
    await until("an active gateway", async () => (await gateway.status()).shards.length === SHARDS);
  }

  /** One of `programs/`, pinned to a core; resolves with its first message. */
  async program<Hello>(
    file: string,
    args: readonly string[],
    core: number,
  ): Promise<{ process: ChildProcess; hello: Hello }> {
    const child = fork(new URL(`./programs/${file}`, import.meta.url), args, { stdio: "inherit" });
    this.onClose(async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    });
    pin(child.pid!, core);
    return { process: child, hello: await messageOf<Hello>(child) };
  }

  /** Events of the fleet that are accepted and not committed, exactly. */
  async pending(fleet: string): Promise<number> {
    const counts = await Promise.all(inboxKeys(fleet).map((key) => this.connection.xlen(key)));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  /** Empties the fleet's inboxes, so that memory does not grow from window to window. */
  async emptyInboxes(fleet: string): Promise<void> {
    await this.connection.unlink(...inboxKeys(fleet), "bare:inbox");
  }
}

const inboxKeys = (fleet: string) =>
  Array.from({ length: SHARDS }, (_, shard) => shardKeys("openclaw:", fleet, shard).inbox);
