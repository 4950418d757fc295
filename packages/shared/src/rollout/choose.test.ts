import { describe, expect, it } from "vitest";
import { choose, inOrder } from "./choose.ts";
import { facts, gateway, ONE_AT_A_TIME, rollout } from "./testing/fake-rollout.ts";

describe("who is next", () => {
  it("is a standby before the active", () => {
    const seen = facts([gateway("a", { shards: 16 }), gateway("b")]);
    expect(choose(rollout(), seen)).toEqual({
      next: "begin",
      gateway: "b",
      how: { way: "stop-first", drain: true },
    });
  });

  it("is the active last, after an updated one has taken over", () => {
    const seen = facts([gateway("a", { shards: 16 }), gateway("c"), gateway("b", { release: 2 })]);
    expect(choose(rollout({ done: ["b", "c"] }), seen)).toEqual({
      next: "begin",
      gateway: "a",
      how: { way: "switch", to: "b" },
    });
  });

  it("follows a failover that happened meanwhile: the new active is not taken for a standby", () => {
    const seen = facts([gateway("a", { release: 2 }), gateway("b", { shards: 16 })]);
    expect(choose(rollout({ done: ["a"] }), seen)).toMatchObject({
      gateway: "b",
      how: { way: "switch", to: "a" },
    });
  });

  it("waits rather than take the last healthy gateway out, or fewer than the floor leaves", () => {
    const ill = facts([gateway("a", { shards: 16 }), gateway("b", { release: 2, healthy: false })]);
    expect(choose(rollout({ done: ["b"] }), ill)).toMatchObject({ next: "wait" });
    const well = facts([gateway("a", { shards: 16 }), gateway("b"), gateway("c")]);
    expect(choose(rollout({ floor: 3 }), well)).toEqual({
      next: "wait",
      for: "3 healthy gateways besides b, the fleet's floor",
    });
    expect(choose(rollout({ floor: 2 }), well)).toMatchObject({ next: "begin", gateway: "b" });
  });

  it("replaces at once what serves nobody; it is still asked whether it holds something", () => {
    const seen = facts([gateway("a", { shards: 16 }), gateway("b", { healthy: false })]);
    expect(choose(rollout(), seen)).toEqual({
      next: "begin",
      gateway: "b",
      how: { way: "stop-first", drain: false },
    });
  });

  it("waits for the agent of a gateway that nobody reports: it may well be serving", () => {
    const away = { seen: false, healthy: false };
    const seen = facts([gateway("a", { shards: 16 }), gateway("b", { ...away, host: "h2" })]);
    expect(choose(rollout({ done: ["a"] }), seen)).toEqual({
      next: "wait",
      for: "the agent of h2",
    });
  });

  it("starts the new one first where the strategy says so, and needs nobody else for it", () => {
    const strategy = { ...ONE_AT_A_TIME, order: "startFirst" as const, maxUnavailable: 0 };
    const seen = facts([gateway("a", { shards: 16 })]);
    expect(choose(rollout({ strategy }), seen)).toEqual({
      next: "begin",
      gateway: "a",
      how: { way: "start-first" },
    });
  });

  it("is nobody once all run the new release", () => {
    expect(choose(rollout(), facts([gateway("a", { release: 2 })]))).toEqual({ next: "none" });
  });
});

describe("going back", () => {
  const cause = { kind: "failed" as const, message: "It fails.", bad: ["b"] };
  const back = (over: Parameters<typeof rollout>[0]) =>
    rollout({ direction: "back", cause, ...over });

  it("puts back into service what was drained but not replaced", () => {
    const seen = facts([gateway("a", { shards: 16 }), gateway("b", { draining: true })]);
    expect(choose(back({ drained: ["b"] }), seen)).toEqual({
      next: "begin",
      gateway: "b",
      how: { way: "restore", surged: false, drained: true },
    });
  });

  it("returns only what this rollout changed, whatever is observed of it yet", () => {
    const seen = facts([gateway("a", { release: 1 }), gateway("c", { release: 7 })]);
    expect(choose(back({ changed: ["a"] }), seen)).toMatchObject({ gateway: "a" });
    expect(choose(back({}), seen)).toEqual({ next: "none" });
  });

  it("withdraws the bad one at once; its shards go to the busiest on the old release", () => {
    const seen = facts([
      gateway("a", { release: 2 }),
      gateway("b", { release: 2, shards: 4 }),
      gateway("c"),
      gateway("d", { shards: 12 }),
    ]);
    expect(choose(back({ changed: ["a", "b"] }), seen)).toEqual({
      next: "begin",
      gateway: "b",
      how: { way: "withdraw", to: "d" },
    });
    const preferred = { ...seen, preferred: ["d", "b", "a", "c"] };
    expect(choose(back({ changed: ["a", "b"] }), preferred)).toMatchObject({
      how: { way: "withdraw", to: null },
    });
  });

  it("withdraws it also where nobody is left on the old release", () => {
    const seen = facts([gateway("b", { release: 2, shards: 16 })]);
    expect(choose(back({ changed: ["b"] }), seen)).toMatchObject({
      gateway: "b",
      how: { way: "withdraw", to: null },
    });
  });
});

it("orders those that serve nobody first, holders last", () => {
  const gateways = [
    gateway("busy", { shards: 9 }),
    gateway("standby"),
    gateway("ill", { healthy: false }),
    gateway("some", { shards: 3 }),
  ];
  const order = inOrder(gateways, { mode: "active-standby" });
  expect(order.map(({ name }) => name)).toEqual(["ill", "standby", "some", "busy"]);
});
