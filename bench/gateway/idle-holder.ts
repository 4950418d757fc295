import { randomUUID } from "node:crypto";
import { systemClock } from "@chela/shared/clock/system-clock";
import { fleetKeys, shardKeys } from "@chela/shared/keys/keys";
import { createRedisLeaseLoop } from "../../apps/gateway/src/lease/redis-lease-loop.ts";
import {
  commandConnection,
  keepConnected,
  waitingConnection,
} from "../../apps/gateway/src/redis/redis-connection.ts";
import { until } from "../../e2e/harness/wait.ts";
import { type Lab, SHARDS } from "./lab.ts";

export interface IdleHolder {
  /** Dies without a word; its leases stay until they are released or run out. */
  die(): void;
  /** As its agent would on its death: not a member any more, its leases free, everybody woken. */
  release(): Promise<void>;
}

/**
 * Holds every lease of a fleet, by the gateway's own lease loop, and processes nothing: so a real gateway beside it
 * is a standby and does nothing but accept, and Redis does nothing but store.
 */
export async function holdIdle(lab: Lab, fleet: string, name: string): Promise<IdleHolder> {
  const redis = commandConnection(lab.settings, "holder");
  const subscriber = waitingConnection(lab.settings, "holder-wake");
  const prefix = lab.settings.keyPrefix;
  const incarnation = randomUUID();
  const loop = createRedisLeaseLoop({
    redis,
    subscriber,
    prefix,
    fleet,
    name,
    incarnation,
    version: "bench",
    weight: 1,
    work: { start() {}, abort() {}, cede: async () => {}, inFlight: () => 0 },
    assistantUp: () => true,
    clock: systemClock,
    log: { info() {}, warn() {} },
  });
  for (const connection of [redis, subscriber]) keepConnected(connection, () => {});
  loop.start();
  const die = () => {
    void loop.stop(0).catch(() => {});
    redis.disconnect();
    subscriber.disconnect();
  };
  lab.onClose(die);
  await until("all leases held", () => loop.held().length === SHARDS);
  return {
    die,
    async release() {
      const keys = fleetKeys(prefix, fleet);
      const batch = lab.connection.pipeline();
      batch.hdel(keys.members, `${name}/${incarnation}`);
      for (let shard = 0; shard < SHARDS; shard++) batch.del(shardKeys(prefix, fleet, shard).lease);
      batch.publish(keys.wake, "released");
      await batch.exec();
    },
  };
}
