import { describe, expect, test } from "vitest";
import { hasBetter } from "./rules.ts";
import type { Candidate } from "./snapshot.ts";
import {
  act,
  both,
  gateway,
  held,
  holding,
  kinds,
  lease,
  NOW,
  order,
  SHARDS,
  sight,
  TTL,
  times,
} from "./testing/scene.ts";

describe("taking", () => {
  test("free shards are taken by the preferred one, and left to it by the others", () => {
    expect(kinds(act({}))).toEqual(["acquire", "acquire"]);
    expect(act({ control: { preferred: ["gw-2"] } })).toEqual([]);
  });

  test("a live lease is never taken, whatever is preferred, drained or ordered", () => {
    const shards = both(sight(lease("gw-2"), TTL - 1, order("gw-1", 9, 5_000)));
    const others = [gateway("gw-2", { draining: true, assistantUp: false })];
    expect(act({ shards, others, control: { generation: 9 } })).toEqual([]);
  });

  test("a lease unchanged for a TTL on the own clock is free; a dead preferred one is not waited for", () => {
    const shards = both(sight(lease("gw-2"), TTL));
    const control = { preferred: ["gw-2"] };
    const [first] = act({ shards, control, others: [] });
    expect(first).toEqual({ type: "acquire", shard: 0, observed: lease("gw-2"), generation: 1 });
  });

  test("a free shard that its owner leaves lying is taken by the next after a second, by anybody after four", () => {
    const scene = (freeForMs: number, others: Candidate[]) =>
      kinds(
        act({
          shards: [sight(null, freeForMs), sight(lease("gw-2"))],
          others,
          control: { preferred: ["gw-2"] },
        }),
      );
    expect(scene(999, [gateway("gw-2")])).toEqual([]);
    expect(scene(1_000, [gateway("gw-2")])).toEqual(["acquire"]);
    const many = Array.from({ length: 20 }, (_, i) => gateway(`gw-0${i}`));
    expect(scene(3_999, [gateway("gw-2"), ...many])).toEqual([]);
    expect(scene(4_000, [gateway("gw-2"), ...many])).toEqual(["acquire"]);
  });

  test.each([
    ["draining", { draining: true }],
    ["its assistant down", { assistantUp: false }],
    ["both", { draining: true, assistantUp: false }],
  ])("a gateway takes over though %s when nobody better beats", (_, state) => {
    expect(kinds(act({ self: state, others: [] }))).toEqual(["acquire", "acquire"]);
    expect(act({ self: state, others: [gateway("gw-2")] })).toEqual([]);
  });

  test("draining is better than an assistant that is down", () => {
    const others = [gateway("gw-2", { assistantUp: false })];
    expect(kinds(act({ self: { draining: true }, others }))).toEqual(["acquire", "acquire"]);
  });

  test("in tilt it does nothing at all", () => {
    expect(act({ self: { tilt: true }, others: [] })).toEqual([]);
  });

  test("of two incarnations of one name the later start takes over", () => {
    const control = { preferred: ["gw-1"] };
    const other = (since: number) => [gateway("gw-1", { incarnation: "other", since })];
    expect(act({ control, self: { since: 5 }, others: other(9) })).toEqual([]);
    expect(kinds(act({ control, self: { since: 5 }, others: other(2) }))).toHaveLength(2);
  });

  test("without lease and epoch (a new fleet, or a wiped Redis) a shard is free only after a TTL", () => {
    const blank = (forMs: number) => both({ ...sight(null, forMs), blank: true });
    expect(act({ shards: blank(TTL - 1), others: [] })).toEqual([]);
    expect(kinds(act({ shards: blank(TTL), others: [] }))).toEqual(["acquire", "acquire"]);
  });

  test("its own lease that it does not work (an answer was lost) is taken anew, or given back", () => {
    const shards = [sight(lease("gw-1")), sight(lease("gw-2"))];
    expect(kinds(act({ shards, others: [] }))).toEqual(["acquire"]);
    expect(kinds(act({ shards, control: { preferred: ["gw-2"] } }))).toEqual(["let-go"]);
  });

  test("stopping, it takes nothing", () => {
    expect(act({ self: { stopByMs: NOW + 1_000 }, others: [] })).toEqual([]);
  });
});

describe("keeping and giving", () => {
  test("after a failover the preferred one that returns takes nothing back: who holds stays", () => {
    expect(act({ ...holding(), control: { preferred: ["gw-2"] } })).toEqual([]);
  });

  test("a newer generation is a command: the holder hands over to the preferred one", () => {
    const actions = act({ ...holding(1), control: { preferred: ["gw-2"], generation: 2 } });
    expect(actions[0]).toMatchObject({
      type: "cede",
      to: "gw-2",
      reason: "switchover",
      deadlineAtMs: NOW + times.handoverMs,
    });
    expect(actions).toHaveLength(SHARDS);
  });

  test("the hand-over's deadline is kept", () => {
    const shards = both(sight(lease("gw-1"), 100, order("gw-2", 2, 300)));
    const control = { preferred: ["gw-2"], generation: 2 };
    const actions = act({ shards, held: [held(), held()], control });
    expect(actions[0]).toMatchObject({ type: "cede", deadlineAtMs: NOW + 300 });
  });

  test("a command to somebody dead, or worse than the holder, is used up: it stamps and stays", () => {
    const control = { preferred: ["gw-2"], generation: 2 };
    for (const others of [[], [gateway("gw-2", { assistantUp: false })]]) {
      expect(act({ ...holding(1), control, others })[0]).toEqual({
        type: "stamp",
        shard: 0,
        generation: 2,
      });
    }
    expect(act({ ...holding(2), control })).toEqual([]);
  });

  test("a hand-over newer than the control record (whose write was lost) is obeyed, then ruled by its deadline", () => {
    const scene = (inMs: number) => ({
      shards: both(sight(lease("gw-1"), 100, order("gw-2", 5, inMs))),
      held: [held(), held()],
    });
    expect(act(scene(300))[0]).toMatchObject({ type: "cede", to: "gw-2", reason: "switchover" });
    expect(act(scene(-1))[0]).toEqual({ type: "stamp", shard: 0, generation: 5 });
  });

  test("a lower generation than its leases carry (Redis was wiped) is a command too, and ends in a stamp", () => {
    expect(kinds(act({ ...holding(9), control: { generation: 1 } }))).toEqual(["stamp", "stamp"]);
  });

  test("ceded shards are released when idle, and at the deadline with what is in flight aborted", () => {
    const ceding = (done: boolean, inMs: number) =>
      held(1, { ceding: { done, deadlineAtMs: NOW + inMs } });
    const shards = both(sight(lease("gw-1")));
    expect(act({ shards, held: [ceding(true, 500), ceding(false, 500)] })).toEqual([
      { type: "release", shard: 0, abort: false },
    ]);
    expect(act({ shards, held: [ceding(false, 0), ceding(false, 1)] })).toEqual([
      { type: "release", shard: 0, abort: true },
    ]);
  });

  test("a draining holder hands over to anybody better, at once", () => {
    const scene = { ...holding(), self: { draining: true } };
    expect(act(scene)[0]).toMatchObject({ type: "cede", to: "gw-2", reason: "draining" });
    expect(act({ ...scene, others: [gateway("gw-2", { draining: true })] })).toEqual([]);
    expect(act({ ...scene, others: [] })).toEqual([]);
  });

  test("a holder whose assistant fails hands over, but not back and forth: it keeps a shard for 5 s", () => {
    const self = { assistantUp: false };
    const scene = { ...holding(), self };
    expect(act(scene)[0]).toMatchObject({ type: "cede", reason: "assistant-down" });
    const young = held(1, { acquiredAtMs: NOW - 4_999 });
    expect(act({ ...scene, held: [young, young] })).toEqual([]);
  });

  test("a lease that is gone, another's, or of another epoch is dropped", () => {
    for (const of of [null, lease("gw-2"), lease("gw-1", 1, { epoch: 8 })]) {
      expect(act({ shards: both(sight(of)), held: [held()] })[0]).toEqual({
        type: "drop",
        shard: 0,
      });
    }
  });

  test("stopping, it hands everything over, also when nobody is there", () => {
    const actions = act({ ...holding(), others: [], self: { stopByMs: NOW + 700 } });
    expect(actions[0]).toMatchObject({ type: "cede", to: null, deadlineAtMs: NOW + 700 });
  });

  test("active-active: each holds its share; who joins is given its own and nothing else", () => {
    const shards = 16;
    const control = { mode: "active-active" as const, actives: 8, shards };
    const sights = Array.from({ length: shards }, () => sight(lease("gw-1")));
    const mine = sights.map(() => held());
    const ceded = act({ control, shards: sights, held: mine }).filter((a) => a.type === "cede");
    expect(ceded.length).toBeGreaterThan(2);
    expect(ceded.length).toBeLessThan(14);
    expect(ceded[0]).toMatchObject({ to: "gw-2", reason: "rebalance" });
    expect(act({ control: { ...control, actives: 1 }, shards: sights, held: mine })).toEqual([]);
  });
});

test("hasBetter: somebody to hand over to", () => {
  const draining = gateway("gw-1", { draining: true });
  expect(hasBetter(draining, [gateway("gw-2")])).toBe(true);
  expect(hasBetter(draining, [gateway("gw-2", { assistantUp: false })])).toBe(false);
  expect(hasBetter(gateway("gw-1"), [gateway("gw-2")])).toBe(false);
});
