import { Refusal } from "@chela/shared/errors/refusal";
import { Redis } from "ioredis";

const COMMAND_MS = 1_500;
const CONNECT_MS = 1_500;
const RETRY_MS_MAX = 1_000;

export type RedisConnection = Redis;

/**
 * The console's connection. No offline queue and no automatic resend: a look that fails is a fact, and a write is
 * repeated by the operation that wants it.
 */
export function connectRedis(url: string, name: string): RedisConnection {
  return new Redis(url, {
    connectionName: name,
    commandTimeout: COMMAND_MS,
    connectTimeout: CONNECT_MS,
    // Version 3 answers hashes and scores in other shapes.
    protocol: 2,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    // Whoever subscribes does so at each "ready": a subscription that is refused by then has somebody to hear of it.
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (tries) => Math.min(100 * tries, RETRY_MS_MAX),
  }).on("error", () => {
    // Each command that fails says so to its caller; without a listener ioredis would print it again and again.
  });
}

/** A question of an operator that Redis must answer; a sentence for him where it does not. */
export async function orUnreachable<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw new Refusal(
      "SERVICE_UNAVAILABLE",
      "redis-unreachable",
      `Redis does not answer (${error instanceof Error ? error.message : error}): ask again once it does.`,
    );
  }
}
