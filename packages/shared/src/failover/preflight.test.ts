import { describe, expect, it } from "vitest";
import { fakeView } from "../fleet/testing/fake-view.ts";
import type { PreflightFacts } from "./facts.ts";
import { flappingOf } from "./flapping.ts";
import { holdersFirst, previewFailover } from "./plan.ts";
import { blocking, preflight } from "./preflight.ts";

const fine: PreflightFacts = {
  ...{ heartbeat: true, assistantUp: true, lookAgeMs: 10, reportAgeMs: 200 },
  ...{ clocks: [], redisWarnings: [], last: null },
};
const pair = () =>
  fakeView([
    { name: "gw-1", release: 1, shards: 16 },
    { name: "gw-2", release: 1, shards: 0 },
  ]);
const blocks = (...args: Parameters<typeof preflight>) =>
  blocking(preflight(...args))[0]?.name ?? null;

describe("preflight", () => {
  it("lets a healthy standby become active", () => {
    expect(blocks(pair(), "gw-2", "switchover", fine)).toBeNull();
  });

  it("refuses a candidate whose heartbeat is old, also by force: nobody would take over", () => {
    const silent = { ...fine, heartbeat: false, assistantUp: false };
    expect(blocks(pair(), "gw-2", "switchover", silent)).toBe("candidate");
    expect(blocks(pair(), "gw-2", "failover", silent)).toBe("candidate");
  });

  it("refuses the one that is active already, a draining one, and one beside a running operation", () => {
    expect(blocks(pair(), "gw-1", "switchover", fine)).toBe("role");
    const draining = fakeView([
      { name: "gw-1", release: 1, shards: 16 },
      { name: "gw-2", release: 1, shards: 0, draining: true },
    ]);
    expect(blocks(draining, "gw-2", "switchover", fine)).toBe("role");
    expect(blocks({ ...pair(), operationId: "op_1" }, "gw-2", "switchover", fine)).toBe(
      "operation",
    );
  });

  it("lets force pass an assistant that is down, which a switchover does not", () => {
    const mute = { ...fine, assistantUp: false };
    expect(blocks(pair(), "gw-2", "switchover", mute)).toBe("assistant");
    expect(blocks(pair(), "gw-2", "failover", mute)).toBeNull();
  });

  it("warns of another version and names both", () => {
    const mixed = fakeView([
      { name: "gw-1", release: 1, shards: 16 },
      { name: "gw-2", release: 2, shards: 0 },
    ]);
    const check = preflight(mixed, "gw-2", "switchover", fine).find(
      ({ name }) => name === "version",
    );
    expect(check).toMatchObject({ verdict: "warn" });
    expect(check?.detail).toContain("release 2");
  });

  it("previews who leaves, how much moves and what it costs", () => {
    const preview = previewFailover(
      pair(),
      { gateway: "gw-2", kind: "switchover" },
      fine,
      [],
      "hash",
    );
    expect(preview).toMatchObject({ from: ["gw-1"], to: "gw-2", figures: { shards: 16 } });
    expect(preview.steps.map(({ name }) => name)).toEqual(["prefer", "handover", "verify"]);
  });

  it("names its checks, each with a verdict and a reason", () => {
    const checks = preflight(pair(), "gw-2", "switchover", fine);
    expect(checks.map(({ name }) => name)).toEqual([
      ...["candidate", "role", "assistant", "version", "backlog", "in-flight", "redis", "edge"],
      ...["clock", "last-failover", "operation"],
    ]);
    expect(checks.filter(({ verdict, detail }) => verdict !== "pass" || detail === "")).toEqual([]);
  });

  const verdictOf = (name: string, over: Partial<PreflightFacts>, view = pair()) =>
    preflight(view, "gw-2", "switchover", { ...fine, ...over }).find((each) => each.name === name);

  it("fails on a Redis that has not answered for seconds, and says for how long", () => {
    expect(verdictOf("redis", { lookAgeMs: 8_000 })).toMatchObject({
      verdict: "fail",
      detail: "Redis has not answered for 8.0 s.",
    });
  });

  it("warns of a Redis that may lose what it acknowledges, in the gateways' words", () => {
    const warnings = ["redis-accepts-alone: A primary that was cut off still takes writes."];
    expect(verdictOf("redis", { redisWarnings: warnings })).toMatchObject({ verdict: "warn" });
    expect(verdictOf("redis", { redisWarnings: warnings })?.detail).toContain(
      "cut off still takes",
    );
  });

  it("warns of a clock that is off, of a move a moment ago, and of an agent that was not heard", () => {
    expect(verdictOf("clock", { clocks: [{ of: "berlin-2", offMs: -3_000 }] })).toMatchObject({
      verdict: "warn",
      detail: expect.stringContaining("berlin-2 is 3.0 s behind the console"),
    });
    const last = { title: "Promote gw-1", agoMs: 5_000, automatic: false };
    expect(verdictOf("last-failover", { last })).toMatchObject({ verdict: "warn" });
    expect(verdictOf("last-failover", { last: { ...last, agoMs: 90_000 } })?.verdict).toBe("pass");
    expect(verdictOf("candidate", { reportAgeMs: null })?.verdict).toBe("warn");
  });

  it("a forced one says what can be lost, a planned one that turns may finish", () => {
    const busy = pair();
    busy.gateways[0]!.inFlight = 2;
    expect(verdictOf("in-flight", {}, busy)?.detail).toContain("may finish first");
    const forced = previewFailover(busy, { gateway: "gw-2", kind: "failover" }, fine, [], "h");
    expect(forced.checks.find(({ name }) => name === "in-flight")?.verdict).toBe("warn");
    expect(forced.impact).toContain("the 2 turns in flight on gw-1 are cut off and run again");
    expect(forced.impact).toContain("Nothing that was accepted is lost");
  });

  it("expects the pause that the last runs had", () => {
    const target = { gateway: "gw-2", kind: "switchover" } as const;
    const preview = previewFailover(pair(), target, fine, [30, 900, 40], "h");
    expect(preview.figures.expectedPauseMs).toBe(40);
    expect(preview.impact).toContain("pause about 40 ms (the middle of the last 3)");
  });
});

it("holders come first in a change that shall move nothing", () => {
  const view = { ...pair(), preferred: ["gw-2", "gw-1"] };
  expect(holdersFirst(view)).toEqual(["gw-1", "gw-2"]);
});

it("flapping is read from what gateways warn of, since when the console first saw it", () => {
  const sentence = "3 shards have moved 4 times within 10 minutes though their holders lived.";
  expect(flappingOf(["redis-evicts: no", `flapping: ${sentence}`], 0)).toEqual({
    ...{ moves: 4, windowMs: 600_000, detail: sentence, since: "1970-01-01T00:00:00.000Z" },
  });
  expect(flappingOf(["flapping: something"], 0)).toMatchObject({ detail: "something", moves: 0 });
  expect(flappingOf([], 0)).toBeNull();
});
