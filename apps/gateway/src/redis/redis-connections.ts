import type { Clock } from "@chela/shared/clock/clock";
import type { Redis } from "ioredis";
import type { RedisSettings } from "../settings.ts";
import { commandConnection, keepConnected, waitingConnection } from "./redis-connection.ts";
import { RedisPulse } from "./redis-pulse.ts";
import { RedisSentinels } from "./redis-sentinels.ts";

/** All connections of one gateway, each for one kind of work, so that none waits for another's. */
export interface RedisConnections {
  /** Events, turns, replies, histories. */
  readonly commands: Redis;
  /** Leases: ingest's load never delays a renewal. */
  readonly leasing: Redis;
  /** Waits for new events; the inbox reader watches it itself. */
  readonly reading: Redis;
  /** Subscribed to the fleet's wake channel. */
  readonly hearing: Redis;
  /** Subscribed to the live channels of followed sessions. */
  readonly following: Redis;
  /** Why webhooks cannot be stored; null when they can. */
  trouble(): string | null;
  /** Connects and keeps at it for ever; what goes wrong is told to `onError`, once per change. */
  start(onError: (reason: string) => void): void;
  stop(): void;
}

export function connectionsOf(
  settings: RedisSettings,
  gateway: string,
  clock: Clock,
): RedisConnections {
  const name = (work: string) => `chela:${gateway}:${work}`;
  const named = {
    commands: commandConnection(settings, name("commands")),
    leasing: commandConnection(settings, name("leases")),
    reading: waitingConnection(settings, name("reading")),
    hearing: waitingConnection(settings, name("wake")),
    following: waitingConnection(settings, name("live")),
  };
  const all = Object.values(named);
  const pulse = new RedisPulse(named.commands, clock);
  const pulses = [
    pulse,
    ...[named.leasing, named.hearing, named.following].map((c) => new RedisPulse(c, clock)),
  ];
  const sentinels = new RedisSentinels(settings, all);

  return {
    ...named,
    trouble: () => pulse.trouble(),
    start(onError) {
      for (const connection of all) keepConnected(connection, onError);
      for (const each of pulses) each.start();
      sentinels.start();
    },
    stop() {
      for (const each of pulses) each.stop();
      sentinels.stop();
      for (const connection of all) connection.disconnect();
    },
  };
}
