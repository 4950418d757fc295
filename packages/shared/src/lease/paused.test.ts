import { describe, expect, test } from "vitest";
import type { Lease } from "./schema.ts";
import { act, both, gateway, holding, kinds, lease, sight, TTL } from "./testing/scene.ts";

describe("automatic failover paused", () => {
  const paused = { paused: true };

  test("nothing moves away from a live holder: not for its assistant, not to spread the load", () => {
    const ill = { assistantUp: false };
    expect(act({ ...holding(), self: ill, control: paused })).toEqual([]);
    const spread = { ...paused, mode: "active-active" as const, actives: 2 };
    expect(act({ ...holding(), control: spread })).toEqual([]);
  });

  test("the order to pause moves nothing by itself, and is confirmed", () => {
    const control = { ...paused, generation: 2, preferred: ["gw-1"] };
    const actions = act({ ...holding(1), self: { assistantUp: false }, control });
    expect(kinds(actions)).toEqual(["stamp", "stamp"]);
  });

  test("an operator's order is obeyed: a switchover, a drain, also of one whose assistant is down", () => {
    const order = { ...paused, generation: 2, preferred: ["gw-2"] };
    for (const assistantUp of [true, false]) {
      expect(kinds(act({ ...holding(1), self: { assistantUp }, control: order }))).toEqual([
        "cede",
        "cede",
      ]);
      const self = { assistantUp, draining: true };
      expect(act({ ...holding(), self, control: paused })[0]).toMatchObject({ reason: "draining" });
    }
  });

  test("a free lease is always taken ⚑: whoever held it is waited for, but never longer than five seconds", () => {
    const scene = (forMs: number, of: Lease | null) => ({
      ...{ shards: both(sight(of, forMs)), control: paused, others: [gateway("gw-3")] },
    });
    expect(act(scene(TTL + 3_999, lease("gw-2")))).toEqual([]);
    expect(kinds(act(scene(TTL + 4_000, lease("gw-2"))))).toEqual(["acquire", "acquire"]);
    // It is back itself; or gave it back by an order.
    const before = lease("gw-1", 1, { incarnation: "before" });
    expect(kinds(act(scene(TTL, before)))).toEqual(["acquire", "acquire"]);
    expect(kinds(act(scene(0, null)))).toEqual(["acquire", "acquire"]);
  });
});
