import { TestClock } from "@chela/shared/clock/test-clock";
import { DEFAULT_LEASE_TIMES } from "@chela/shared/lease/schema";
import { expect, test } from "vitest";
import type { ShardGrant } from "../shard/shard-work.ts";
import { Holdings } from "./holdings.ts";

const { ttlMs, marginMs } = DEFAULT_LEASE_TIMES;
const VALID_MS = ttlMs - marginMs;

function holding(sentAtMs = 0) {
  const clock = new TestClock();
  const grants: ShardGrant[] = [];
  const aborted: number[] = [];
  const work = {
    start: (grant: ShardGrant) => grants.push(grant),
    cede: async () => {},
    abort: (shard: number) => aborted.push(shard),
    inFlight: () => 0,
  };
  const holdings = new Holdings(work, clock, DEFAULT_LEASE_TIMES);
  holdings.begin(0, 1, 1, sentAtMs);
  return { clock, holdings, grants, aborted };
}

test("a holder stops by its own monotonic clock, without asking Redis: a TTL less the margin after its last good renewal was sent", async () => {
  const { clock, holdings, grants, aborted } = holding();
  await clock.advance(VALID_MS - 100);
  // Answered now, but sent long before: Redis may have counted from then on.
  holdings.extend(0, 1, 300);
  await clock.advance(100 + 299);
  expect(grants[0]!.isValid()).toBe(true);
  await clock.advance(1);
  expect(grants[0]!.isValid()).toBe(false);
  expect(holdings.expire()).toBe(1);
  expect(aborted).toEqual([0]);
  expect(holdings.lost().expired).toBe(1);
});

test("a grant whose answer took longer than it lasts is never worked", async () => {
  const clock = new TestClock();
  await clock.advance(VALID_MS);
  const started: number[] = [];
  const work = {
    start: ({ shard }: ShardGrant) => started.push(shard),
    cede: async () => {},
    abort() {},
    inFlight: () => 0,
  };
  const holdings = new Holdings(work, clock, DEFAULT_LEASE_TIMES);
  holdings.begin(0, 1, 1, 0);
  expect(started).toEqual([]);
  expect(holdings.size).toBe(0);
});

test("a renewal answered after the end does not bring a lease back", async () => {
  const { clock, holdings, grants } = holding();
  await clock.advance(VALID_MS);
  holdings.extend(0, 1, VALID_MS - 1);
  expect(grants[0]!.isValid()).toBe(false);
});

test("time that a sleeping machine's monotonic clock left out makes every lease that much older", async () => {
  const { clock, holdings, grants } = holding();
  await clock.advance(100);
  holdings.age(VALID_MS);
  expect(grants[0]!.isValid()).toBe(false);
});
