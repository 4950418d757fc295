import { MEMBER_TTL_MS } from "@chela/shared/lease/schema";
import { expect, test } from "vitest";
import { Sightings } from "./sightings.ts";
import type { Observation } from "./store.ts";

const lease = (beat: number) => ({
  ...{ holder: "gw-2", incarnation: "b", epoch: 3, generation: 1 },
  beat,
});
const member = (beat: number, at: number) => {
  const record = { name: "gw-2", incarnation: "b", beat, version: "1", weight: 1, inFlight: 0 };
  const state = { draining: false, assistantUp: true, tilt: false, since: 1, at };
  return { member: { ...record, ...state }, text: "" };
};
const saw = (of: Partial<Observation>): Observation => ({
  ...{ control: null, members: [], leases: [null], handovers: [null], epochs: [null], moves: [[]] },
  ...of,
});
const sightings = () => new Sightings("gw-1", "a", MEMBER_TTL_MS);

test("how long a lease stands still is counted by its beat on the own monotonic clock, whatever Redis' clock does", () => {
  const seen = sightings();
  const look = (beat: number, atMs: number, redisNowMs: number) => {
    seen.take(saw({ leases: [lease(beat)], epochs: [3] }), atMs, redisNowMs);
    return seen.shards()[0]!.unchangedSinceMs;
  };
  expect(look(7, 1_000, 5_000_000)).toBe(1_000);
  expect(look(7, 1_900, 9_000_000_000)).toBe(1_000);
  expect(look(7, 2_800, 1)).toBe(1_000);
  expect(look(8, 2_900, 1)).toBe(2_900);
});

test("a member whose beat moves lives, also when Redis' clock is far behind or ahead of what it wrote", () => {
  const seen = sightings();
  seen.take(saw({ members: [member(1, 50_000)] }), 1_000, 50_000);
  seen.take(saw({ members: [member(2, 1)] }), 2_500, 90_000_000);
  expect(seen.living(2_500)).toHaveLength(1);
  expect(seen.living(2_500 + MEMBER_TTL_MS)).toHaveLength(0);
});

test("when another Redis process answers, a lease counts as standing still from then on only", () => {
  const seen = sightings();
  const look = (atMs: number) => {
    seen.take(saw({ leases: [lease(7)], epochs: [3] }), atMs, null);
    return seen.shards()[0]!.unchangedSinceMs;
  };
  look(1_000);
  expect(look(1_500)).toBe(1_000);
  // The promoted replica may lack a renewal that its holder was answered: what it shows proves nothing of before.
  seen.anew();
  expect(look(2_900)).toBe(2_900);
  expect(seen.highestEpoch(0)).toBe(3);
});

test("the highest epoch ever seen is kept, also when Redis shows none any more", () => {
  const seen = sightings();
  seen.take(saw({ leases: [lease(1)], epochs: [9] }), 1_000, null);
  seen.take(saw({}), 1_200, null);
  expect(seen.highestEpoch(0)).toBe(9);
});
