import { describe, expect, test } from "vitest";
import { MUTATIONS, type Mutation } from "./mutation.ts";
import { reportOf } from "./report.ts";
import { runSeeds } from "./run-seeds.ts";
import { liveThrough, trace } from "./seed.ts";
import { ModelStore } from "./store/model-store.ts";
import { World } from "./world.ts";

/** More by hand: bin/test unit --seeds 100000. */
const SEEDS = 10_000;
/** A fault that is put in on purpose shows within so many. */
const SEEDS_UNTIL_FOUND = 2_000;

describe("gateways among crashes, pauses, cuts, late messages, restarts, switchovers and unequal clocks", () => {
  test("one writer per shard and epoch, each event's effect once and in order, replies as their channel says, progress", async () => {
    const { failures } = await runSeeds(1, SEEDS);
    if (failures.length > 0) {
      throw new Error((await Promise.all(failures.map(reportOf))).join("\n\n"));
    }
  }, 600_000);

  test("with all but one gateway dead, that one holds everything", async () => {
    for (let survivor = 0; survivor < 2; survivor++) {
      const store = (nowMs: () => number) => new ModelStore(nowMs, null);
      const world = new World({ seed: 1 + survivor, store, note: null });
      await world.timeline.run(2_000, () => false);
      for (const [index, gateway] of world.gateways.entries()) {
        if (index !== survivor) gateway.process.kill();
      }
      await world.timeline.run(10_000, () => false);
      const { incarnation } = world.gateways[survivor]!;
      for (let shard = 0; shard < world.shards; shard++) {
        expect(world.laws.holderOf(shard)).toBe(incarnation);
      }
    }
  });

  test("the same seed takes the same course", async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const course = { seed, mutation: null };
      const first = await trace(course);
      expect(first.length).toBeGreaterThan(20);
      expect(await trace(course)).toEqual(first);
    }
  }, 60_000);
});

describe("the simulation finds what is put into the store on purpose", () => {
  test.each(Object.keys(MUTATIONS) as Mutation[])(
    "%s",
    async (mutation) => {
      const found = await liveThrough({ from: 1, to: SEEDS_UNTIL_FOUND, mutation }, 1);
      expect(found.length, MUTATIONS[mutation]).toBe(1);
    },
    60_000,
  );
});
