import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DRAIN_MS, type DrainState, nextDrainStep, REQUESTS_MS } from "./drain.ts";

const signalled: DrainState = {
  deadlineAtMs: DRAIN_MS,
  draining: false,
  shardsHeld: 16,
  hasBetter: true,
  letGo: false,
  listening: true,
  requestsOpen: 2,
  socketsOpen: 1,
};

describe("nextDrainStep", () => {
  test("hands over first, and accepts until the shards are gone", () => {
    expect(nextDrainStep(signalled, 0)).toEqual({ do: "hand-over" });
    const draining = { ...signalled, draining: true };
    expect(nextDrainStep(draining, 1)).toMatchObject({ do: "wait", for: "hand-over" });
    const handedOver = { ...draining, shardsHeld: 0 };
    expect(nextDrainStep(handedOver, 2)).toMatchObject({ do: "let-go" });
    expect(nextDrainStep({ ...handedOver, letGo: true }, 3)).toEqual({ do: "stop-accepting" });
  });

  test("does not wait for a taker when there is none", () => {
    const alone = { ...signalled, draining: true, hasBetter: false };
    expect(nextDrainStep(alone, 1_000)).toEqual({ do: "let-go", graceMs: DRAIN_MS - 1_000 });
  });

  test("lets go at the deadline, whatever is still held", () => {
    const late = nextDrainStep({ ...signalled, draining: true }, DRAIN_MS);
    expect(late).toMatchObject({ do: "let-go" });
  });

  test("waits for open requests and sockets, but not for ever", () => {
    const closed = { ...signalled, draining: true, letGo: true, listening: false, shardsHeld: 0 };
    expect(nextDrainStep(closed, 10)).toMatchObject({ do: "wait", for: "requests" });
    const answered = { ...closed, requestsOpen: 0 };
    expect(nextDrainStep(answered, 10)).toMatchObject({ do: "wait", for: "sockets" });
    expect(nextDrainStep({ ...answered, socketsOpen: 0 }, 10)).toEqual({ do: "exit" });
    expect(nextDrainStep(closed, DRAIN_MS + REQUESTS_MS)).toEqual({ do: "exit" });
  });

  test("always comes to its end: no state waits past the last deadline", () => {
    const states = fc.record({
      deadlineAtMs: fc.constant(DRAIN_MS),
      draining: fc.boolean(),
      shardsHeld: fc.nat(16),
      hasBetter: fc.boolean(),
      letGo: fc.boolean(),
      listening: fc.boolean(),
      requestsOpen: fc.nat(5),
      socketsOpen: fc.nat(5),
    });
    fc.assert(
      fc.property(states, (state) => {
        const step = nextDrainStep(state, DRAIN_MS + REQUESTS_MS);
        expect(step.do).not.toBe("wait");
      }),
    );
  });
});
