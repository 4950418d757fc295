import { fleetKeys, shardKeys } from "@chela/shared/keys/keys";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe } from "vitest";
import { startRedis, type TestRedis } from "../../../../e2e/harness/redis-server.ts";
import { leaseStoreContract } from "../simulation/store/lease.contract.ts";
import { createRedisLeaseStore } from "./redis-lease-store.ts";

describe("the lease store on Redis", () => {
  const prefix = "openclaw:";
  const fleet = "chela";
  let server: TestRedis;
  let redis: Redis;
  beforeAll(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  leaseStoreContract(async () => {
    await redis.flushall();
    return {
      storeFor: (name, incarnation) =>
        createRedisLeaseStore({ redis, prefix, fleet, name, incarnation }),
      async nowMs() {
        const [seconds, micros] = await redis.time();
        return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
      },
      async writeControl(fields) {
        await redis.hset(fleetKeys(prefix, fleet).control, fields);
      },
      async writeHandover(shard, handover) {
        await redis.hset(shardKeys(prefix, fleet, shard).handover, handover);
      },
      async wipe() {
        await redis.flushall();
      },
    };
  });
});
