import type { RolloutProgress } from "@chela/shared/fleet/view";
import { stageName } from "@chela/shared/rollout/strategy";
import { type Gate, gatesOf } from "./strategy-form.ts";

/** Pure: the gates of a running rollout among its lanes. */
export interface StageGate extends Gate {
  /** From 1. */
  number: number;
  state: "passed" | "waiting" | "ahead";
  /** What an approval carries; null: it does not wait. */
  stage: string | null;
  untilAt: string | null;
}

/** In order. None while it goes back: a gate holds up what is new, never what brings the old back. */
export function gatesIn(
  rollout: Pick<RolloutProgress, "strategy" | "order" | "direction" | "done" | "gate">,
): StageGate[] {
  if (rollout.direction === "back") return [];
  const gates = gatesOf(rollout.strategy, rollout.order.length);
  const through = rollout.done.length;
  const open = gates.findIndex((_, i) => stageName(i) === rollout.gate?.stage);
  return gates.map((gate, i) => {
    const waiting = i === open;
    const passed = open < 0 ? gate.after <= through : i < open;
    return {
      ...gate,
      number: i + 1,
      state: waiting ? "waiting" : passed ? "passed" : "ahead",
      stage: waiting ? rollout.gate!.stage : null,
      untilAt: waiting ? rollout.gate!.untilAt : null,
    };
  });
}

/** The one that waits for somebody. */
export const approvable = (rollout: RolloutProgress | null): StageGate | null =>
  rollout?.gate?.needs === "approval"
    ? (gatesIn(rollout).find(({ state }) => state === "waiting") ?? null)
    : null;
