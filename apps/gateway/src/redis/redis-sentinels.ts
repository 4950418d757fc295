import { Redis } from "ioredis";
import type { RedisSettings } from "../settings.ts";
import { reconnectAfterMs } from "./redis-connection.ts";

const PROMOTED = "+switch-master";

/**
 * Listens to the Sentinels. When one says that another Redis was promoted, every connection that is not there yet is
 * dropped and asks anew: a primary that hangs, or that is cut off from everybody but this gateway, closes none itself.
 *
 * Each Sentinel says so in its own time, and one asked before that still names the old one; so each is heeded. (The
 * library's own failover detector breaks off a connection that is being made, and then never makes it again.)
 */
export class RedisSentinels {
  readonly #group: string;
  readonly #listeners: readonly Redis[];
  readonly #connections: readonly Redis[];

  constructor(settings: RedisSettings, connections: readonly Redis[]) {
    const { name = "", sentinels = [], sentinelPassword, tls } = settings;
    this.#group = name;
    this.#connections = connections;
    this.#listeners = sentinels.map(
      ({ host, port }) =>
        new Redis({
          ...{ host, port, lazyConnect: true, enableReadyCheck: false, protocol: 2 },
          ...(sentinelPassword === undefined ? {} : { password: sentinelPassword }),
          ...(tls ? { tls: {} } : {}),
          retryStrategy: reconnectAfterMs,
        }),
    );
  }

  start(): void {
    for (const listener of this.#listeners) {
      listener.on("error", () => {
        // One that is away is missed only when all are, and then the connections say so.
      });
      listener.on("message", (_channel, text: string) => this.#hear(text));
      // Sent once it is connected, and by the library again whenever it is connected anew.
      listener.subscribe(PROMOTED).catch(() => {});
    }
  }

  stop(): void {
    for (const listener of this.#listeners) listener.disconnect();
  }

  /** `<group> <old address> <old port> <new address> <new port>` */
  #hear(text: string): void {
    const [group, , , host, port] = text.split(" ");
    if (group !== this.#group) return;
    for (const connection of this.#connections) {
      // One that is being made asks a Sentinel itself.
      if (connection.status !== "ready") continue;
      const { remoteAddress, remotePort } = connection.stream;
      const there = remoteAddress === host && String(remotePort) === port;
      if (!there) connection.disconnect(true);
    }
  }
}
