import type { Clock } from "@chela/shared/clock/clock";
import { Redis, type RedisOptions } from "ioredis";
import type { RedisSettings } from "../settings.ts";

/** A command without an answer after this long has failed, outcome unknown. With the ingest's hold it stays below 0.8 s. */
export const COMMAND_TIMEOUT_MS = 500;
const CONNECT_TIMEOUT_MS = 1_000;
const RECONNECT_MAX_MS = 200;
/** A connection that is given up may be one whose other end says nothing any more: not waited for. */
const DISCONNECT_TIMEOUT_MS = 200;

/**
 * Finds the primary through Sentinel, again at each connection. One that calls itself a replica is not taken: the
 * library asks each new connection for its role.
 */
function throughSentinel(settings: RedisSettings): RedisOptions {
  const { sentinels, name, sentinelPassword, tls } = settings;
  return {
    sentinels,
    name,
    sentinelPassword,
    // By default it waits for ever for a Sentinel that hangs, although another one would answer.
    sentinelCommandTimeout: COMMAND_TIMEOUT_MS,
    sentinelRetryStrategy: reconnectAfterMs,
    ...(tls ? { enableTLSForSentinelMode: true, sentinelTLS: {} } : {}),
  } as RedisOptions;
}

export const reconnectAfterMs = (times: number) =>
  Math.min(25 * 2 ** Math.min(times, 6), RECONNECT_MAX_MS);

/**
 * What every connection of a gateway has in common: nothing is queued while Redis is away and nothing is
 * sent twice by the library, since only the caller knows whether its command may be repeated.
 */
function optionsOf(settings: RedisSettings, connectionName: string): RedisOptions {
  return {
    ...(settings.sentinels === undefined
      ? { host: settings.host, port: settings.port }
      : throughSentinel(settings)),
    ...(settings.username === undefined ? {} : { username: settings.username }),
    ...(settings.password === undefined || settings.password === ""
      ? {}
      : { password: settings.password }),
    ...(settings.tls ? { tls: {} } : {}),
    db: settings.db,
    connectionName,
    protocol: 2,
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    enableAutoPipelining: false,
    connectTimeout: CONNECT_TIMEOUT_MS,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
    retryStrategy: reconnectAfterMs,
    // A promoted replica or a demoted Redis answers READONLY: only a new connection finds the right one.
    reconnectOnError: (error) => error.message.startsWith("READONLY"),
  } as RedisOptions;
}

/** For commands that answer at once. */
export function commandConnection(settings: RedisSettings, name: string): Redis {
  return new Redis({ ...optionsOf(settings, name), commandTimeout: COMMAND_TIMEOUT_MS });
}

/** For XREAD BLOCK and for subscriptions: they wait, so no command time-out. */
export function waitingConnection(settings: RedisSettings, name: string): Redis {
  return new Redis(optionsOf(settings, name));
}

/** Begins to connect and keeps at it for ever; what goes wrong is told to `onError`, once per change. */
export function keepConnected(redis: Redis, onError: (reason: string) => void): void {
  let told = "";
  // Every request that is held waits for "ready".
  redis.setMaxListeners(0);
  redis.on("error", (error: Error) => {
    const reason = reasonOf(error);
    if (reason !== told) onError(reason);
    told = reason;
  });
  redis.on("ready", () => {
    told = "";
  });
  redis.connect().catch(() => {
    // The library retries by itself; the reason came through "error".
  });
}

/** Resolves true once the connection may be used, false after `holdMs`. */
export async function whenReady(redis: Redis, holdMs: number, clock: Clock): Promise<boolean> {
  if (redis.status === "ready") return true;
  const cut = new AbortController();
  const ready = () => cut.abort();
  redis.once("ready", ready);
  await clock.sleep(holdMs, cut.signal);
  redis.off("ready", ready);
  return (redis.status as string) === "ready";
}

/** Why Redis refused or is away, without addresses or values that may be secret. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  const code = (error as NodeJS.ErrnoException).code;
  if (typeof code === "string") return code;
  if (error.message.startsWith("Stream isn't writeable")) return "not connected";
  return /^[A-Z]{3,}\b/.exec(error.message)?.[0] ?? error.message.slice(0, 80);
}
