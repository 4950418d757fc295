import { describe, expect, it } from "vitest";
import type { GatewayCounts } from "../agent-link/schema.ts";
import { LATENCY_BUCKETS_MS } from "../fleet/latency-buckets.ts";
import type { Figures } from "./facts.ts";
import { counted, judgeCounted, p99, together, verdictOf } from "./judge.ts";
import { NO_FIGURES } from "./testing/fake-rollout.ts";

const NOTHING: GatewayCounts = {
  accepted: 0,
  duplicates: 0,
  rejected: 0,
  unavailable: 0,
  faults: 0,
  turnsDone: 0,
  turnsFailed: 0,
  acceptMs: [],
  turnMs: [],
};
const figures = (counts: Partial<GatewayCounts>, over: Partial<Figures> = {}): Figures => ({
  ...NO_FIGURES,
  counts: { ...NOTHING, ...counts },
  ...over,
});
const edge = (failed: number, slow = 0) => ({ upstream: "10.0.0.1:1", failed, slow });
/** So many requests, each within so many ms. */
const within = (ms: number, requests: number) =>
  LATENCY_BUCKETS_MS.map((bound) => (bound === ms ? requests : 0));

const of = (now: Figures, old: Figures | null, name: string) => {
  const before = old === null ? null : together([counted(undefined, old)]);
  const checks = judgeCounted(counted(undefined, now), before);
  return { ...checks.find((check) => check.name === name)!, overall: verdictOf(checks) };
};

describe("what is counted in a window", () => {
  it("is the difference since its beginning, and all of a container that was started anew", () => {
    const base = figures({ accepted: 100, faults: 3 });
    const later = figures({ accepted: 150, faults: 5 });
    expect(counted(base, later)).toMatchObject({ requests: 52, failed: 2 });
    expect(counted(base, { ...later, startedAt: "later" })).toMatchObject({ requests: 155 });
  });

  it("counts a failure once that gateway and edge both saw, and one that only the client saw", () => {
    const both = figures({ accepted: 90, faults: 10 }, { answers: edge(10) });
    expect(counted(undefined, both)).toMatchObject({ requests: 100, failed: 10 });
    const broken = figures({}, { answers: edge(40) });
    expect(counted(undefined, broken)).toMatchObject({ requests: 40, failed: 40 });
  });

  it("starts over with an edge that does, and with another address", () => {
    const base = figures({}, { answers: edge(50) });
    expect(counted(base, figures({}, { answers: edge(3) })).failed).toBe(3);
    const moved = { upstream: "10.0.0.1:2", failed: 60, slow: 0 };
    expect(counted(base, figures({}, { answers: moved })).failed).toBe(60);
  });
});

describe("a new gateway is judged", () => {
  it("bad when it fails much more often than the old release", () => {
    const now = figures({ accepted: 80, faults: 20 });
    const old = figures({ accepted: 1_000, faults: 1 });
    expect(of(now, old, "error-rate")).toMatchObject({
      verdict: "fail",
      overall: "fail",
      now: 0.2,
      detail: "20 of 100 requests failed; on the old release 1 of 1001.",
    });
  });

  it("not bad when the old release fails just as much: then it is something else", () => {
    const now = figures({ accepted: 80, unavailable: 20 });
    const old = figures({ accepted: 750, unavailable: 250 });
    expect(of(now, old, "error-rate").verdict).toBe("pass");
  });

  it("not bad for a failure or two", () => {
    expect(of(figures({ accepted: 100, faults: 4 }), null, "error-rate").verdict).toBe("pass");
  });

  it("with too little traffic as not enough, never as good", () => {
    const seen = of(figures({ accepted: 19 }), figures({ accepted: 900 }), "error-rate");
    expect(seen).toMatchObject({ verdict: "not-enough", overall: "not-enough" });
    expect(of(figures({}), null, "error-rate").overall).toBe("not-enough");
  });

  it("bad when most of its answers are slow, and not when everything is", () => {
    const slow = figures({ accepted: 60 }, { answers: edge(0, 40) });
    const quick = figures({ accepted: 600 }, { answers: edge(0, 6) });
    const busy = figures({ accepted: 600 }, { answers: edge(0, 300) });
    expect(of(slow, quick, "slow-answers").verdict).toBe("fail");
    expect(of(slow, busy, "slow-answers").verdict).toBe("pass");
  });

  it("bad when nearly all of the few that an edge still sends it are slow; not by a slow start", () => {
    const quick = figures({ accepted: 600 }, { answers: edge(0, 6) });
    const starved = figures({ accepted: 7 }, { answers: edge(0, 6) });
    expect(of(starved, quick, "slow-answers").verdict).toBe("fail");
    const starting = figures({ accepted: 30 }, { answers: edge(0, 10) });
    expect(of(starting, quick, "slow-answers").verdict).toBe("pass");
  });

  it("bad when the slowest of a hundred takes several times as long", () => {
    const slow = figures({ acceptMs: within(1_000, 200), accepted: 200 });
    const quick = figures({ acceptMs: within(25, 400), accepted: 400 });
    const busy = figures({ acceptMs: within(700, 400), accepted: 400 });
    expect(of(slow, quick, "accept-p99")).toMatchObject({
      verdict: "fail",
      now: 1_000,
      before: 25,
    });
    expect(of(slow, busy, "accept-p99").verdict).toBe("pass");
    const few = figures({ acceptMs: within(1_000, 50), accepted: 50 });
    expect(of(few, quick, "accept-p99").verdict).toBe("not-enough");
  });

  it("bad when its turns fail more often", () => {
    const now = figures({ turnsDone: 40, turnsFailed: 10 });
    expect(of(now, figures({ turnsDone: 90 }), "turn-failures").verdict).toBe("fail");
    const away = figures({ turnsDone: 40, turnsFailed: 12 });
    expect(of(now, away, "turn-failures").verdict).toBe("pass");
  });

  it("only by what no busy machine explains, where nobody runs the old release any more", () => {
    expect(of(figures({ accepted: 97, faults: 3 }), null, "error-rate").verdict).toBe("pass");
    expect(of(figures({ accepted: 90, faults: 10 }), null, "error-rate").verdict).toBe("fail");
    const late = figures({ acceptMs: within(450, 200), accepted: 200 });
    expect(of(late, null, "accept-p99").verdict).toBe("pass");
  });
});

it("p99 is the bound of the bucket that it falls into", () => {
  expect(p99([])).toBeNull();
  expect(p99(within(5, 100))).toBe(5);
  const mixed = within(5, 98).map((n, index) => (LATENCY_BUCKETS_MS[index] === 450 ? 2 : n));
  expect(p99(mixed)).toBe(450);
  expect(p99([...within(5, 0), 10])).toBe(60_000);
});
