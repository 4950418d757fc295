import { gatewayCountsSchema } from "@chela/shared/agent-link/schema";
import { LATENCY_BUCKETS_MS } from "@chela/shared/fleet/latency-buckets";
import { expect, test } from "vitest";
import { Counts } from "./counts.ts";

test("each answer counts once, under what it was, and a gateway's own faults never as the sender's", () => {
  const counts = new Counts();
  counts.stored("accepted");
  counts.stored("duplicate");
  counts.refused(401);
  counts.refused(413);
  counts.refused(503);
  counts.refused(500);
  expect(gatewayCountsSchema.parse(counts.read())).toMatchObject({
    ...{ accepted: 1, duplicates: 1, rejected: 2, unavailable: 1, faults: 1 },
  });
});

test("a latency falls into the first bucket that is not below it, what is above all into the last", () => {
  const counts = new Counts();
  for (const ms of [0, 1, 1.01, 60_000, 60_001]) counts.acceptedWithin(ms);
  const { acceptMs } = counts.read();
  expect(acceptMs).toHaveLength(LATENCY_BUCKETS_MS.length + 1);
  expect([acceptMs[0], acceptMs[1], acceptMs.at(-2), acceptMs.at(-1)]).toEqual([2, 1, 1, 1]);
});

test("a turn fails by an error reply or by the assistant's fault, not by a lease that ended or an assistant away", () => {
  const counts = new Counts();
  const failed = ["refused", "broken", "given-up", "retried"] as const;
  const neither = ["postponed", "fenced", "broken-off"] as const;
  for (const outcome of ["answered", ...failed, ...neither] as const) counts.turn(outcome, 20);
  const { turnsDone, turnsFailed, turnMs } = counts.read();
  expect({ turnsDone, turnsFailed }).toEqual({ turnsDone: 1, turnsFailed: failed.length });
  expect(turnMs.reduce((sum, count) => sum + count)).toBe(1 + failed.length);
});
