import { describe, expect, it } from "vitest";
import {
  type Evidence,
  evidenceLeft,
  type Holding,
  type HoldingsSeen,
  type Look,
  observeHoldings,
} from "./observed.ts";

const holding = (holder: string, epoch = 7, incarnation = `${holder}-a`): Holding => ({
  ...{ holder, incarnation, epoch },
});
const member = (name: string, over: Partial<Look["live"][number]> = {}) => ({
  ...{ name, incarnation: `${name}-a`, assistantUp: true, draining: false, quietMs: 100 },
  ...over,
});
const nothing: Look["orders"] = { stopping: new Set(), leaving: new Set(), any: false };
const look = (leases: (Holding | null)[], over: Partial<Look> = {}): Look => ({
  nowMs: 10_000,
  leases,
  live: [member("gw-1"), member("gw-2")],
  evidence: [],
  orders: nothing,
  away: false,
  ...over,
});
const seenWith = (...leases: Holding[]): HoldingsSeen => ({
  atMs: 9_000,
  held: Object.fromEntries(leases.map((lease, shard) => [shard, lease])),
});
const both = seenWith(holding("gw-1"), holding("gw-1"));
const taken = [holding("gw-2", 8), holding("gw-2", 8)];
const withoutFirst = { live: [member("gw-2")] };
const died: Evidence = {
  ...{ gateway: "gw-1", kind: "died", atMs: 9_500 },
  detail: "gw-1 ended with exit code 137.",
};

describe("a failover that nobody ordered", () => {
  it("is told with the death that the agent saw, what it freed, and who took over", () => {
    const released: Evidence = {
      ...{ gateway: "gw-1", kind: "released", atMs: 9_540 },
      detail: "2 shards of gw-1 freed in 3.1 ms.",
    };
    const { failovers, seen } = observeHoldings(
      both,
      look(taken, { ...withoutFirst, evidence: [died, released] }),
    );
    expect(failovers).toEqual([
      {
        ...{ from: "gw-1", to: ["gw-2"], shards: 2, key: "observed-0@8", epoch: 8 },
        cause: "gw-1's process died (exit 137)",
        detected: { atMs: 9_500, detail: died.detail },
        fenced: { atMs: 9_540, detail: released.detail },
        takenOverAtMs: 10_000,
      },
    ]);
    expect(observeHoldings(seen, look(taken, withoutFirst)).failovers).toEqual([]);
  });

  it("is told once every shard has somebody, not before", () => {
    const first = observeHoldings(both, look([taken[0]!, null], { ...withoutFirst }));
    expect(first.failovers).toEqual([]);
    expect(first.settled).toBe(false);
    const second = observeHoldings(first.seen, look(taken, { ...withoutFirst }));
    expect(second.failovers).toMatchObject([
      { shards: 2, cause: expect.stringContaining("lease") },
    ]);
    expect(second.settled).toBe(true);
  });

  it("says that a gateway hung where its lease ended, and what its agent said of it", () => {
    const silent: Evidence = {
      ...{ gateway: "gw-1", kind: "silent", atMs: 9_000, detail: "no answer for 1 s." },
    };
    // Its last heartbeat may be younger than its last renewal.
    const live = [member("gw-1", { quietMs: 1_600 }), member("gw-2")];
    expect(
      observeHoldings(both, look(taken, { live, evidence: [silent] })).failovers,
    ).toMatchObject([{ cause: "gw-1's lease ended: no answer for 1 s." }]);
  });

  it("says that the assistant was unreachable, or that somebody stopped it", () => {
    const live = (over: Partial<Look["live"][number]>) => [member("gw-1", over), member("gw-2")];
    expect(
      observeHoldings(both, look(taken, { live: live({ assistantUp: false }) })).failovers[0]
        ?.cause,
    ).toBe("gw-1's assistant was unreachable");
    expect(
      observeHoldings(both, look(taken, { live: live({ draining: true }) })).failovers[0]?.cause,
    ).toBe("gw-1 was told to stop from outside Chela");
  });

  it("is told where the same gateway took its shards back with its next start", () => {
    const again = [holding("gw-1", 8, "gw-1-b"), holding("gw-1", 8, "gw-1-b")];
    const live = [member("gw-1", { incarnation: "gw-1-b" })];
    expect(observeHoldings(both, look(again, { live, evidence: [died] })).failovers).toMatchObject([
      { from: "gw-1", to: ["gw-1"] },
    ]);
  });
});

describe("what is no failover", () => {
  it("shards that a living gateway hands over", () => {
    expect(observeHoldings(both, look(taken)).failovers).toEqual([]);
  });

  it("shards that an operation moves, also where its old holder is stopped right after", () => {
    const orders = { stopping: new Set(["gw-1"]), leaving: new Set<string>(), any: true };
    const after = look(taken, { ...withoutFirst, evidence: [died], orders });
    expect(observeHoldings(both, after).failovers).toEqual([]);
    for (const leaving of [new Set(["gw-1"]), "everybody"] as const) {
      const moving = { ...nothing, leaving, any: true };
      const moved = look(taken, { ...withoutFirst, orders: moving });
      expect(observeHoldings(both, moved).failovers).toEqual([]);
    }
  });

  it("a new epoch of the same start, as after a new connection to Redis or an emptied one", () => {
    const again = [holding("gw-1", 8), holding("gw-1", 8)];
    expect(observeHoldings(both, look(again)).failovers).toEqual([]);
    expect(observeHoldings(both, look([null, null])).failovers).toEqual([]);
  });

  it("the first holders of a new fleet", () => {
    expect(observeHoldings({ atMs: 0, held: {} }, look(taken)).failovers).toEqual([]);
  });
});

describe("beside an operation", () => {
  it("the death of one that it does not stop is told, also of one that it moves shards away from", () => {
    const orders = { stopping: new Set(["gw-3"]), leaving: new Set(["gw-1"]), any: true };
    const after = look(taken, { ...withoutFirst, evidence: [died], orders });
    expect(observeHoldings(both, after).failovers).toMatchObject([{ from: "gw-1" }]);
  });
});

describe("while the console was away", () => {
  it("is told from what is known, and says so", () => {
    const { failovers } = observeHoldings(both, look(taken, { ...withoutFirst, away: true }));
    expect(failovers).toMatchObject([
      {
        cause: "gw-1 ended or was cut off while the console was away",
        ...{ detected: null, fenced: null },
      },
    ]);
  });
});

it("what was told of a gateway is forgotten soon where it holds nothing", () => {
  const left = (seen: HoldingsSeen, nowMs: number) => evidenceLeft([died], seen, nowMs).length;
  expect(left(both, 40_000)).toBe(1);
  expect(left(seenWith(holding("gw-2")), 10_000)).toBe(1);
  expect(left(seenWith(holding("gw-2")), 12_000)).toBe(0);
});
