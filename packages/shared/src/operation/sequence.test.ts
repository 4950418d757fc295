import { describe, expect, it } from "vitest";
import type { ActionResult } from "./action.ts";
import { advanceSequence, beginSequence, type SequenceState, sequenceOrders } from "./sequence.ts";

const OK: ActionResult = { ok: true, detail: "fine" };
const NO: ActionResult = { ok: false, reason: "refused", message: "It was refused." };
const begin = (completes = false) =>
  beginSequence(
    [
      { name: "drain", gateway: "gw-1", action: { type: "drain", gateway: "gw-1" } },
      { name: "restart", gateway: "gw-1", action: { type: "restart", gateway: "gw-1" } },
      { name: "back", gateway: "gw-1", action: { type: "undrain", gateway: "gw-1" }, always: true },
    ],
    { success: "Done: {detail} in {ms}.", says: "restart", completes },
    1_000,
  );

/** Answers what is ordered until it is over. */
function run(
  state: SequenceState,
  answer: (type: string) => ActionResult,
): [SequenceState, string[]] {
  const ordered: string[] = [];
  let current = state;
  for (let nowMs = 1_100; ; nowMs += 100) {
    const [order] = sequenceOrders(current);
    if (order === undefined) return [current, ordered];
    ordered.push(order.action.type);
    current = advanceSequence(current, new Map([[order.key, answer(order.action.type)]]), nowMs);
  }
}

describe("a sequence", () => {
  it("goes through its stages in order and says the outcome with measured times", () => {
    const [state, ordered] = run(begin(), () => OK);
    expect(ordered).toEqual(["drain", "restart", "undrain"]);
    expect(state).toMatchObject({ state: "succeeded", outcome: "Done: fine in 300 ms." });
    expect(state.steps.map(({ state: step, ms }) => [step, ms])).toEqual([
      ["done", 100],
      ["done", 100],
      ["done", 100],
    ]);
  });

  it("does not change without a result", () => {
    const state = begin();
    expect(advanceSequence(state, new Map(), 5_000)).toBe(state);
  });

  it("skips the rest after a failure, but leaves nothing drained behind", () => {
    const [state, ordered] = run(begin(), (type) => (type === "drain" ? NO : OK));
    expect(ordered).toEqual(["drain", "undrain"]);
    expect(state).toMatchObject({ state: "failed", outcome: "It was refused." });
    expect(state.steps.map((step) => step.state)).toEqual(["failed", "skipped", "done"]);
  });

  it("stops after the stage that runs when it is aborted", () => {
    const [state, ordered] = run({ ...begin(), aborting: true }, () => OK);
    expect(ordered).toEqual(["drain", "undrain"]);
    expect(state.state).toBe("aborted");
  });

  it("is completed in spite of an abort where half of it would be worse", () => {
    const [state, ordered] = run({ ...begin(true), aborting: true }, () => OK);
    expect(ordered).toHaveLength(3);
    expect(state.state).toBe("succeeded");
  });

  const removal = (restores: boolean) =>
    beginSequence(
      [
        { name: "drain", gateway: "gw-1", action: { type: "drain", gateway: "gw-1" } },
        { name: "edges", action: { type: "edges", without: ["gw-1"] } },
        {
          ...{ name: "remove", gateway: "gw-1" },
          action: { type: "remove", gateway: "gw-1", host: "a", drained: true },
        },
        {
          ...{ name: "forget", gateway: "gw-1", joined: true },
          action: { type: "forget", gateway: "gw-1" },
        },
      ],
      { success: "Gone.", restores },
      1_000,
    );

  it("takes back into service what it has drained and not replaced, where it says so", () => {
    const fail = (type: string) => (type === "edges" ? NO : OK);
    const [state, ordered] = run(removal(true), fail);
    expect(ordered).toEqual(["drain", "edges", "undrain"]);
    expect(state).toMatchObject({ state: "failed", outcome: "It was refused." });
    expect(state.steps.map(({ name, state: step }) => [name, step])).toEqual([
      ["drain", "done"],
      ["edges", "failed"],
      ["remove", "skipped"],
      ["forget", "skipped"],
      ["back", "done"],
    ]);
    expect(run(removal(false), fail)[1]).toEqual(["drain", "edges"]);
    expect(run(removal(true), () => OK)[1]).toEqual(["drain", "edges", "remove", "forget"]);
  });

  it("hears no abort between two stages that belong together", () => {
    const third = removal(true);
    const [state, ordered] = run({ ...third, at: 2, aborting: true }, () => OK);
    expect(ordered).toEqual(["remove", "forget"]);
    expect(state.state).toBe("succeeded");
  });
});
