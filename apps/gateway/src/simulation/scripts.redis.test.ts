import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startRedis, type TestRedis } from "../../../../e2e/harness/redis-server.ts";
import type { Mutation } from "./mutation.ts";
import { SCRIPT_MUTATIONS, scriptedRedis } from "./redis-scripts.ts";
import { liveThrough, trace } from "./seed.ts";
import { RedisStore } from "./store/redis-store.ts";
import { shardContract } from "./store/shard.contract.ts";
import { World } from "./world.ts";

const SEEDS = 40;
const SEEDS_UNTIL_FOUND = 2_000;

let server: TestRedis;
let redis: Redis;
beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
  redis.on("error", () => {
    // It is killed and started again, and the connection with it.
  });
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

/** One seed, its store a real Redis: time stands still while a script runs. */
async function live(seed: number, mutation: Mutation | null) {
  await redis.flushall();
  const lines: string[] = [];
  const world = new World({
    seed,
    store: (nowMs) =>
      new RedisStore(scriptedRedis(redis, nowMs, mutation), "simulated", () => server.restart()),
    note: (line) => lines.push(line),
  });
  return { breach: await world.live(), lines };
}

describe("inbox and outbox on Redis", () => {
  shardContract(async () => {
    await redis.flushall();
    return new RedisStore(redis, "simulated", () => server.restart());
  });
});

describe("whole simulations on a real Redis", () => {
  test("every law holds with the scripts, and everything happens as it does with the model", async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { breach, lines } = await live(seed, null);
      expect(breach, `seed ${seed}`).toBeNull();
      expect(lines, `seed ${seed}`).toEqual(await trace({ seed, mutation: null }));
    }
  }, 180_000);

  test.each(SCRIPT_MUTATIONS)(
    "finds in the scripts: %s",
    async (mutation) => {
      // Where the model shows it, the scripts must: searching on Redis would only take longer.
      const [found] = await liveThrough({ from: 1, to: SEEDS_UNTIL_FOUND, mutation }, 1);
      const { breach } = await live(found!.seed, mutation);
      expect(breach).toBe(found!.breach);
    },
    120_000,
  );
});
