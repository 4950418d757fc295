import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canaryShards } from "../shard/canary-shards.ts";
import type { Held } from "./snapshot.ts";
import { act, gateway, held, lease, NOW, sight } from "./testing/scene.ts";

describe("a canary", () => {
  const shards = 16;
  const sights = (of: (shard: number) => string, generation = 1) =>
    Array.from({ length: shards }, (_, shard) => sight(lease(of(shard), generation)));
  const all = (generation = 1): Held[] => Array.from({ length: shards }, () => held(generation));
  const canary = { gateways: ["gw-2"], percent: 20 };
  const others = [gateway("gw-2"), gateway("gw-3")];

  test.each(["active-standby", "active-active"] as const)(
    "in %s it gets its share at once, rounded up, and everything else stays away from it",
    (mode) => {
      const control = { shards, mode, actives: 3, canary, generation: 2, preferred: ["gw-1"] };
      const actions = act({ control, others, shards: sights(() => "gw-1"), held: all() });
      const ceded = actions.filter((action) => action.type === "cede");
      expect(ceded.filter(({ to }) => to === "gw-2")).toHaveLength(4);
      expect(ceded.every(({ unordered }) => !unordered)).toBe(true);
      if (mode === "active-standby") {
        expect(ceded).toHaveLength(4);
        expect(actions.filter(({ type }) => type === "stamp")).toHaveLength(12);
      }
    },
  );

  test("while its assistant is down, or it is not there, everything is as without it", () => {
    const control = { shards, canary };
    const scene = { control, shards: sights(() => "gw-1"), held: all() };
    expect(act({ ...scene, others: [gateway("gw-3")] })).toEqual([]);
    const ill = [gateway("gw-2", { assistantUp: false }), gateway("gw-3")];
    expect(act({ ...scene, others: ill })).toEqual([]);
  });

  test("its end moves the share back like a switchover, without waiting", () => {
    const share = canaryShards(shards, 20);
    const control = { shards, generation: 2, preferred: ["gw-2", "gw-1"] };
    const mine = [...share].map((shard) => [shard, held(1, { acquiredAtMs: NOW - 1 })] as const);
    const snapshotShards = sights((shard) => (share.has(shard) ? "gw-1" : "gw-2"));
    const actions = act({ control, shards: snapshotShards, heldShards: new Map(mine) });
    expect(actions).toHaveLength(share.size);
    expect(actions.every((a) => a.type === "cede" && a.reason === "switchover")).toBe(true);
  });

  test("whatever the percent, its shards are those of a smaller one and some more", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), fc.nat(100), fc.nat(100), (count, a, b) => {
        const [small, large] = [
          canaryShards(count, Math.min(a, b)),
          canaryShards(count, Math.max(a, b)),
        ];
        expect(small.size).toBe(Math.ceil((count * Math.min(a, b)) / 100));
        expect([...small].every((shard) => large.has(shard))).toBe(true);
      }),
    );
  });
});
