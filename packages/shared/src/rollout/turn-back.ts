import { endStep, leaveLanes, union } from "./lanes.ts";
import { giveShareUp, wantShare } from "./share.ts";
import { isBusy, REPLANS_MAX, type RolloutState } from "./state.ts";

/** From here on every gateway that was changed returns. Bad ones first. */
export function turnBack(
  state: RolloutState,
  cause: NonNullable<RolloutState["cause"]>,
  nowMs: number,
): RolloutState {
  const left = leaveLanes(endRunning(state, nowMs), nowMs);
  return wantShare(
    {
      ...left,
      direction: "back",
      cause,
      done: [],
      paused: false,
      waiting: null,
      watch: null,
      phase: { at: "batch" },
    },
    null,
  );
}

/** Steps that no lane is about: images, soaks, gates, settling. */
function endRunning(state: RolloutState, nowMs: number): RolloutState {
  const kept = new Set([...state.lanes.map(({ step }) => step), state.share.write?.step ?? null]);
  return state.steps.reduce(
    (next, step, index) =>
      step.state === "running" && !kept.has(index)
        ? endStep(next, index, "skipped", null, nowMs)
        : next,
    state,
  );
}

/** It fails: back, or, where it must not go back, no further. */
export function stopped(
  state: RolloutState,
  message: string,
  bad: string[],
  nowMs: number,
): RolloutState {
  if (state.mayGoBack) return turnBack(state, { kind: "failed", message, bad }, nowMs);
  const rest = { ...state, lanes: state.lanes.filter(isBusy), watch: null, waiting: null };
  return failing(wantShare({ ...rest, phase: { at: "batch" } }, null), message);
}

export const failing = (state: RolloutState, message: string): RolloutState => ({
  ...state,
  failures: union(state.failures, message),
});

/** Decided anew; what does not settle is given up. @param gateway null: it was about the canary's share. */
export function replanned(
  state: RolloutState,
  gateway: string | null,
  message: string,
  nowMs: number,
): RolloutState {
  const again = { ...state, replans: state.replans + 1 };
  if (again.replans < REPLANS_MAX) return again;
  const said = `It was decided anew ${REPLANS_MAX} times. ${message}`;
  if (state.direction === "forward" && state.failures.length === 0) {
    return stopped({ ...again, replans: 0 }, said, [], nowMs);
  }
  const failed = failing(again, said);
  return gateway === null ? giveShareUp(failed) : { ...failed, lost: union(failed.lost, gateway) };
}
