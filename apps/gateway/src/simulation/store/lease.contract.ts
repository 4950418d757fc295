import type { Handover, Lease } from "@chela/shared/lease/schema";
import { beforeEach, expect, test } from "vitest";
import type { LeaseStore, Report } from "../../lease/store.ts";

/** A fresh fleet, and hands to write what console and agent write. */
export interface ContractWorld {
  storeFor(name: string, incarnation: string): LeaseStore;
  writeControl(fields: Record<string, string>): Promise<void>;
  writeHandover(shard: number, handover: Handover): Promise<void>;
  nowMs(): Promise<number>;
  wipe(): Promise<void>;
}

const report = (name: string, since: number | null = null): Report => {
  const state = { draining: false, assistantUp: true, tilt: false, inFlight: 0 };
  return { name, incarnation: "a", beat: 1, version: "1", weight: 1.5, ...state, since };
};

/** What every lease store guarantees, whatever it stands on. */
export function leaseStoreContract(freshWorld: () => Promise<ContractWorld>): void {
  let world: ContractWorld;
  let one: LeaseStore;
  let two: LeaseStore;
  beforeEach(async () => {
    world = await freshWorld();
    one = world.storeFor("gw-1", "a");
    two = world.storeFor("gw-2", "a");
  });

  const seen = async (shard = 0) => (await one.observe(shard + 1)).leases[shard] ?? null;
  const acquire = async (store: LeaseStore, observed: Lease | null, more = {}) => {
    const request = { shard: 0, observed, highestEpochSeen: 0, generation: 1, ...more };
    return (await store.acquire([request]))[0];
  };
  const granted = (epoch: number) => ({ shard: 0, outcome: "granted", epoch });

  test("a free lease goes to exactly one of those who want it", async () => {
    const outcomes = await Promise.all([acquire(one, null), acquire(two, null)]);
    expect(outcomes.map((o) => o?.outcome).sort()).toEqual(["changed", "granted"]);
  });

  test("a lease is taken over only as it was observed: a renewal in between keeps it", async () => {
    await acquire(one, null);
    const observed = await seen();
    await one.renew([{ shard: 0, epoch: 1, generation: 1 }]);
    expect(await acquire(two, observed)).toEqual({ shard: 0, outcome: "changed" });
    expect(await acquire(two, await seen())).toEqual(granted(2));
    expect(await seen()).toEqual({
      holder: "gw-2",
      incarnation: "a",
      epoch: 2,
      beat: 1,
      generation: 1,
    });
  });

  test("after a takeover the former holder neither renews nor releases, its next incarnation neither", async () => {
    await acquire(one, null);
    await acquire(two, await seen());
    const before = await seen();
    for (const store of [one, world.storeFor("gw-1", "b"), world.storeFor("gw-2", "b")]) {
      for (const epoch of [1, 2]) {
        const [answer] = await store.renew([{ shard: 0, epoch, generation: 1 }]);
        expect(answer).toEqual({ shard: 0, outcome: "lost" });
        await store.release([{ shard: 0, epoch }]);
      }
    }
    expect(await seen()).toEqual(before);
  });

  test("a move that nobody ordered is remembered with its shard, the last few of them, beside a hand-over", async () => {
    const moves = async () => (await one.observe(1)).moves[0]!.map(({ generation }) => generation);
    await world.writeHandover(0, { generation: 1, to: "gw-2", deadlineMs: 1 });
    for (let epoch = 1; epoch <= 12; epoch++) {
      await acquire(one, null, { generation: epoch });
      await one.release([{ shard: 0, epoch, ...(epoch > 2 && { movedUnder: epoch }) }]);
      // Not the caller's any more: not its move either.
      await one.release([{ shard: 0, epoch, movedUnder: 99 }]);
    }
    expect(await moves()).toEqual([5, 6, 7, 8, 9, 10, 11, 12]);
    const [latest] = (await two.observe(1)).moves[0]!.slice(-1);
    expect(Math.abs((await world.nowMs()) - latest!.atMs)).toBeLessThan(60_000);
    expect((await one.observe(1)).handovers[0]).toMatchObject({ generation: 1, to: "gw-2" });
  });

  test("epochs only rise: past a release, past what was seen elsewhere, past a wipe", async () => {
    expect(await acquire(one, null)).toEqual(granted(1));
    await one.release([{ shard: 0, epoch: 1 }]);
    expect(await seen()).toBeNull();
    expect(await acquire(two, null, { highestEpochSeen: 6 })).toEqual(granted(7));
    await two.release([{ shard: 0, epoch: 7 }]);
    expect(await acquire(one, null)).toEqual(granted(8));
    await world.wipe();
    expect(await acquire(one, null, { highestEpochSeen: 8 })).toEqual(granted(9));
  });

  test("who does not know of a newer hand-over may not take", async () => {
    await world.writeHandover(0, { generation: 5, to: "gw-2", deadlineMs: 0 });
    expect(await acquire(one, null, { generation: 4 })).toEqual({
      shard: 0,
      outcome: "superseded",
    });
    expect(await acquire(one, null, { generation: 5 })).toEqual(granted(1));
  });

  test("past a hand-over's deadline only its target, or who holds under its generation, may renew", async () => {
    await acquire(one, null);
    const renew = async (generation: number) =>
      (await one.renew([{ shard: 0, epoch: 1, generation }]))[0]?.outcome;
    const now = await world.nowMs();
    await world.writeHandover(0, { generation: 2, to: "gw-2", deadlineMs: now + 60_000 });
    expect(await renew(1)).toBe("renewed");
    await world.writeHandover(0, { generation: 2, to: "gw-2", deadlineMs: now - 1 });
    expect(await renew(1)).toBe("overdue");
    expect(await renew(2)).toBe("renewed");
    expect(await seen()).toMatchObject({ beat: 3, generation: 2 });
    await world.writeHandover(0, { generation: 3, to: "gw-1", deadlineMs: now - 1 });
    expect(await renew(2)).toBe("renewed");
  });

  test("a heartbeat reports with the store's time, and removes the dead only as they were seen", async () => {
    const first = await one.heartbeat(report("gw-1"), []);
    await two.heartbeat(report("gw-2"), []);
    const { members } = await one.observe(1);
    expect(members.map((m) => m.member)).toContainEqual({
      ...report("gw-1"),
      since: first.redisMs,
      at: first.redisMs,
    });
    await two.heartbeat({ ...report("gw-2", 5), beat: 2 }, []);
    await one.heartbeat(report("gw-1", first.redisMs), members);
    const after = (await one.observe(1)).members;
    expect(after.map((m) => m.member.name)).toContain("gw-2");
    const dead = after.filter((m) => m.member.name === "gw-2");
    const pulse = await one.heartbeat(report("gw-1", first.redisMs), dead);
    expect(pulse.runId).toBe(first.runId);
    expect((await one.observe(1)).members.map((m) => m.member.name)).toEqual(["gw-1"]);
    await one.leave();
    expect((await one.observe(1)).members).toEqual([]);
  });

  test("without a control record there is none; with one it is read", async () => {
    expect(await one.readControl()).toBeNull();
    expect((await one.observe(1)).control).toBeNull();
    await world.writeControl({ generation: "3" });
    expect(await one.readControl()).toEqual({ generation: "3" });
    expect((await one.observe(1)).control).toEqual({ generation: "3" });
  });
}
