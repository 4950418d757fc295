import { Refusal } from "../errors/refusal.ts";
import type { RolloutState } from "./state.ts";
import { stageName } from "./strategy.ts";

/** Nothing new is begun until it is resumed; what is under way and watched goes on. @throws Refusal */
export function pauseRollout(state: RolloutState, paused: boolean): RolloutState {
  if (state.direction === "back") {
    throw new Refusal("CONFLICT", "going-back", "It is going back already; that is not paused.");
  }
  return { ...state, paused };
}

/** @param stage the one that the approver saw. @throws Refusal CONFLICT where it does not wait there. */
export function approveRollout(
  state: RolloutState,
  stage: string | undefined,
  by: string,
): RolloutState {
  const { phase } = state;
  if (phase.at !== "gate") {
    throw new Refusal("CONFLICT", "nothing-waits", "Nothing waits for an approval.");
  }
  const present = stageName(phase.stage);
  if (stage === undefined) {
    throw new Refusal(
      "BAD_REQUEST",
      "stage-missing",
      `An approval carries the stage that was looked at: send stage = ${present}.`,
    );
  }
  if (stage !== present) {
    throw new Refusal(
      "CONFLICT",
      "stage-passed",
      `It waits at ${present}, not at ${stage}: look at how ${present} does, then approve that.`,
    );
  }
  return { ...state, phase: { ...phase, approvedBy: by } };
}
