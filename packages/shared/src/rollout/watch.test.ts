import { describe, expect, it } from "vitest";
import type { GatewayFacts } from "./facts.ts";
import { gateway, NO_FIGURES } from "./testing/fake-rollout.ts";
import { beginWatch, judgements, look, seenSince, type Watch } from "./watch.ts";

const COUNTS = {
  ...{ accepted: 0, duplicates: 0, rejected: 0, unavailable: 0, faults: 0 },
  ...{ turnsDone: 0, turnsFailed: 0, acceptMs: [], turnMs: [] },
};
const seen = (nowMs: number, over: Partial<GatewayFacts> = {}, faults = 0): GatewayFacts[] => [
  gateway("new", {
    observedAtMs: nowMs,
    release: 2,
    figures: { ...NO_FIGURES, counts: { ...COUNTS, accepted: nowMs / 10, faults } },
    ...over,
  }),
  gateway("old", { observedAtMs: nowMs }),
];
const begin = () => beginWatch(["new"], seen(0), 0);
/** Looks at each of these. */
const through = (watch: Watch, looks: [number, GatewayFacts[]][]) => {
  let current = watch;
  for (const [nowMs, facts] of looks) {
    const looked = look(current, facts, ["old"], nowMs);
    if (looked.failing.length > 0) return { at: nowMs, ...looked };
    current = looked.watch;
  }
  return { at: null, watch: current, failing: [], fresh: true };
};

describe("who is watched", () => {
  it("fails by errors a second after enough of them showed", () => {
    const { at, failing } = through(begin(), [
      [500, seen(500)],
      [1_000, seen(1_000, {}, 20)],
      [1_500, seen(1_500, {}, 30)],
      [2_000, seen(2_000, {}, 40)],
    ]);
    expect(at).toBe(2_000);
    expect(failing[0]).toMatchObject({ gateway: "new", figure: { name: "error-rate" } });
  });

  it("fails by the end of its process where that is what the errors came from", () => {
    const figures = { ...NO_FIGURES, restarts: 1, exit: "exit code 134" };
    const { failing } = through(begin(), [
      [500, seen(500, {}, 20)],
      [1_000, seen(1_000, { figures })],
    ]);
    expect(failing[0]?.figure).toMatchObject({
      name: "restarts",
      detail: "Its process ended while it was watched (exit code 134).",
    });
  });

  it("fails when it is not ready for three seconds, not when it blinks", () => {
    const ill = { healthy: false, reason: "Not ready: no-assistant." };
    const blink = through(begin(), [
      [1_000, seen(1_000, ill)],
      [3_000, seen(3_000)],
      [4_000, seen(4_000, ill)],
      [6_500, seen(6_500, ill)],
    ]);
    expect(blink.at).toBeNull();
    const stays = through(begin(), [
      [1_000, seen(1_000, ill)],
      [4_000, seen(4_000, ill)],
    ]);
    expect(stays.failing[0]?.figure.detail).toBe("Not ready: no-assistant.");
  });

  it("fails at once when its process ended, with how", () => {
    const figures = { ...NO_FIGURES, restarts: 1, exit: "exit code 137, out of memory" };
    const { failing } = through(begin(), [[500, seen(500, { figures })]]);
    expect(failing[0]?.figure.detail).toBe(
      "Its process ended while it was watched (exit code 137, out of memory).",
    );
  });

  it("is not judged by what was seen long ago, and does not pass by it either", () => {
    const stale = seen(500, { healthy: false });
    const { at } = through(begin(), [
      [6_000, stale],
      [12_000, stale],
    ]);
    expect(at).toBeNull();
    expect(seenSince(begin(), stale, 5_000)).toBe(false);
    expect(look(begin(), stale, ["old"], 6_000).fresh).toBe(false);
  });

  it("is not judged by a console that has just started and has no report of it yet", () => {
    const none = { ...NO_FIGURES, running: false };
    const unseen = seen(500, { observedAtMs: null, healthy: false, figures: none });
    const { watch, failing, fresh } = look(begin(), unseen, ["old"], 500);
    expect(failing).toEqual([]);
    expect(fresh).toBe(false);
    expect(watch.ill).toEqual({});
  });

  it("fails when its host's agent stays silent for a minute", () => {
    const { failing } = through(begin(), [[62_000, seen(500)]]);
    expect(failing[0]?.figure.detail).toContain("agent has said nothing for");
  });

  it("is caught by what begins after a long good time, which does not drown it", () => {
    let watch = begin();
    for (let nowMs = 1_000; nowMs <= 600_000; nowMs += 1_000) {
      const looked = look(watch, seen(nowMs), ["old"], nowMs);
      expect(looked.failing).toEqual([]);
      watch = looked.watch;
    }
    const { failing } = through(watch, [
      [601_000, seen(601_000, {}, 20)],
      [602_000, seen(602_000, {}, 20)],
    ]);
    expect(failing[0]?.figure.name).toBe("error-rate");
  });

  it("is the same watch while nothing is to be kept: nothing is written for nothing", () => {
    const watch = begin();
    expect(look(watch, seen(500), ["old"], 500).watch).toBe(watch);
  });
});

it("a judgement says the window that it is about", () => {
  const [judged] = judgements(begin(), seen(2_000), ["old"], 2_000);
  expect(judged).toMatchObject({ gateway: "new", verdict: "pass", windowMs: 2_000 });
});

it("one that is not ready is not to blame while nobody on the old release is ready either", () => {
  const ill = { healthy: false, reason: "Not ready: redis-unreachable." };
  const both = seen(9_000, ill).map((each) => ({ ...each, ...ill }));
  const { at } = through(begin(), [
    [1_000, both],
    [9_000, both],
  ]);
  expect(at).toBeNull();
  const [judged] = judgements(begin(), both, ["old"], 9_000);
  expect(judged?.checks[0]).toMatchObject({ verdict: "not-enough", before: 0 });
});
