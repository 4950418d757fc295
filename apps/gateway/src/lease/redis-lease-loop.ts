import { fleetKeys } from "@chela/shared/keys/keys";
import type { Redis } from "ioredis";
import type { Durability } from "../redis/redis-durability.ts";
import { createLeaseLoop, type LeaseLoop, type LeaseLoopDeps } from "./lease-loop.ts";
import { createRedisLeaseStore } from "./redis-lease-store.ts";

export type RedisLeaseLoopDeps = Omit<LeaseLoopDeps, "store"> & {
  /** A command connection of its own (with a command time-out, no offline queue, no resend). */
  redis: Redis;
  /** A waiting connection of its own; this subscribes it to the fleet's wake channel. */
  subscriber: Redis;
  prefix: string;
  fleet: string;
  durable?: Durability;
};

/** The lease loop on Redis: the scripts, the wake channel, and a takeover at each reconnection. */
export function createRedisLeaseLoop(deps: RedisLeaseLoopDeps): LeaseLoop {
  const { redis, subscriber, prefix, fleet } = deps;
  const loop = createLeaseLoop({ ...deps, store: createRedisLeaseStore(deps) });

  let broken = false;
  redis.on("close", () => {
    broken = true;
  });
  redis.on("ready", () => {
    if (broken) loop.takeOverAgain("the connection to Redis was renewed");
    broken = false;
    loop.wake();
  });

  const { wake } = fleetKeys(prefix, fleet);
  // Only a hint: without it the loop looks again by itself. The library subscribes again when it reconnects.
  const subscribe = () => {
    subscriber.subscribe(wake).catch(() => {});
  };
  subscriber.on("ready", () => {
    subscribe();
    loop.wake();
  });
  if (subscriber.status === "ready") subscribe();
  subscriber.on("message", (channel) => {
    if (channel === wake) loop.wake();
  });
  return loop;
}
