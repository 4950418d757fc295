import { describe, expect, it } from "vitest";
import { choose, inOrder } from "./choose.ts";
import type { GatewayFacts, RolloutFacts, RolloutState } from "./state.ts";

const ref = (number: number) => ({
  number,
  image: `i:${number}`,
  imageId: `${number}`,
  tag: `${number}`,
});
const state = (over: Partial<RolloutState> = {}): RolloutState => ({
  machine: "rollout",
  from: ref(1),
  to: ref(2),
  soakMs: 0,
  direction: "forward",
  mayGoBack: true,
  cause: null,
  paused: false,
  aborting: false,
  stage: { at: "choose", waiting: null },
  steps: [],
  visit: 0,
  touched: [],
  done: [],
  order: [],
  state: "running",
  outcome: null,
  startedAtMs: 0,
  ...over,
});
const gateway = (name: string, over: Partial<GatewayFacts> = {}): GatewayFacts => ({
  name,
  host: "local",
  healthy: true,
  draining: false,
  shards: 0,
  release: 1,
  ...over,
});
const facts = (...gateways: GatewayFacts[]): RolloutFacts => ({
  gateways,
  mode: "active-standby",
  generation: 1,
  preferred: [],
});

describe("who is next", () => {
  it("is a standby before the active", () => {
    expect(choose(state(), facts(gateway("a", { shards: 16 }), gateway("b")))).toEqual({
      next: "drain",
      gateway: "b",
    });
  });

  it("is the active last, after an updated one has taken over", () => {
    const seen = facts(gateway("a", { shards: 16 }), gateway("c"), gateway("b", { release: 2 }));
    expect(choose(state({ done: ["b", "c"] }), seen)).toEqual({
      next: "switch",
      gateway: "a",
      to: "b",
    });
  });

  it("follows a failover that happened meanwhile: the new active is not taken for a standby", () => {
    const seen = facts(gateway("a", { release: 2 }), gateway("b", { shards: 16 }));
    expect(choose(state({ done: ["a"] }), seen)).toMatchObject({
      next: "switch",
      gateway: "b",
      to: "a",
    });
  });

  it("waits rather than take the last healthy gateway out", () => {
    const seen = facts(gateway("a", { shards: 16 }), gateway("b", { release: 2, healthy: false }));
    expect(choose(state({ done: ["b"] }), seen)).toMatchObject({ next: "wait" });
  });

  it("replaces at once what serves nobody, and a gateway that is alone", () => {
    expect(
      choose(state(), facts(gateway("a", { shards: 16 }), gateway("b", { healthy: false }))),
    ).toEqual({
      next: "replace",
      gateway: "b",
    });
    expect(choose(state(), facts(gateway("a", { shards: 16 })))).toEqual({
      next: "replace",
      gateway: "a",
    });
  });

  it("is nobody once all run the new release", () => {
    expect(choose(state(), facts(gateway("a", { release: 2 })))).toEqual({ next: "none" });
  });
});

describe("going back", () => {
  const back = (touched: string[]) => state({ direction: "back", touched });

  it("undrains what was drained but not replaced", () => {
    const seen = facts(gateway("a", { shards: 16 }), gateway("b", { draining: true }));
    expect(choose(back(["b"]), seen)).toEqual({ next: "undrain", gateway: "b" });
  });

  it("returns only what this rollout changed", () => {
    const seen = facts(gateway("a", { release: 2 }), gateway("b", { release: 7 }));
    expect(choose(back(["a"]), seen)).toEqual({ next: "drain", gateway: "a" });
    expect(choose(back([]), seen)).toEqual({ next: "none" });
  });
});

it("orders those that serve nobody first, holders last", () => {
  const order = inOrder([
    gateway("busy", { shards: 9 }),
    gateway("standby"),
    gateway("ill", { healthy: false }),
    gateway("some", { shards: 3 }),
  ]);
  expect(order.map(({ name }) => name)).toEqual(["ill", "standby", "some", "busy"]);
});
