import type { ActionResult } from "../operation/action.ts";
import { dropLane, endLaneStep, endStep, stagePassed, union, without } from "./lanes.ts";
import { imageKey, laneKey, settleKey, shareKey } from "./orders.ts";
import { over } from "./outcome.ts";
import { giveShareUp, shareEnded } from "./share.ts";
import { isBusy, type Lane, type RolloutState } from "./state.ts";
import { failing, replanned, stopped, turnBack } from "./turn-back.ts";

/** The first result that nobody has taken in yet. */
export function withResults(
  state: RolloutState,
  results: ReadonlyMap<string, ActionResult>,
  nowMs: number,
): RolloutState {
  for (const lane of state.lanes) {
    const result = isBusy(lane) ? results.get(laneKey(lane)) : undefined;
    if (result !== undefined) return laneAnswered(state, lane, result, nowMs);
  }
  const { phase } = state;
  if (phase.at === "images") {
    for (const host of phase.hosts) {
      const result = results.get(imageKey(host));
      if (result !== undefined) return imageAnswered(state, host, result, nowMs);
    }
  }
  const share = state.share.write === null ? undefined : results.get(shareKey(state));
  if (share !== undefined) return shareAnswered(state, share, nowMs);
  const settled = phase.at === "settle" ? results.get(settleKey(state)) : undefined;
  if (settled !== undefined) {
    const at = state.steps.findLastIndex(({ name }) => name === "settle");
    return settled.ok
      ? over(endStep(state, at, "done", settled.detail, nowMs), nowMs)
      : over(failing(endStep(state, at, "failed", settled.message, nowMs), settled.message), nowMs);
  }
  return state;
}

function imageAnswered(
  state: RolloutState,
  host: string,
  result: ActionResult,
  nowMs: number,
): RolloutState {
  if (state.phase.at !== "images") return state;
  if (!result.ok) {
    const failed = endStep(state, 0, "failed", result.message, nowMs);
    return turnBack(failed, { kind: "failed", message: result.message, bad: [] }, nowMs);
  }
  const hosts = without(state.phase.hosts, host);
  if (hosts.length > 0) return { ...state, phase: { at: "images", hosts } };
  return { ...endStep(state, 0, "done", result.detail, nowMs), phase: { at: "batch" } };
}

function shareAnswered(state: RolloutState, result: ActionResult, nowMs: number): RolloutState {
  const ended = shareEnded(state, result, nowMs);
  if (result.ok) return ended;
  if (result.reason === "superseded") return replanned(ended, null, result.message, nowMs);
  return state.direction === "forward"
    ? stopped(ended, result.message, [], nowMs)
    : failing(giveShareUp(ended), result.message);
}

/** Reasons of actions after which it is only decided anew. */
const PLAN_AGAIN = new Set(["superseded", "holds-shards"]);

function laneAnswered(
  state: RolloutState,
  lane: Lane,
  result: ActionResult,
  nowMs: number,
): RolloutState {
  const [stage] = lane.todo;
  if (stage === "words") {
    const said = result.ok && result.detail !== null ? ` ${result.detail.trim()}` : "";
    const cause = state.cause && { ...state.cause, message: `${state.cause.message}${said}` };
    return stagePassed({ ...state, cause }, lane, null, nowMs);
  }
  if (result.ok) return throughBack(stagePassed(state, lane, result.detail, nowMs), lane);
  if (PLAN_AGAIN.has(result.reason)) {
    const ended = dropLane(endLaneStep(state, lane, "skipped", result.message, nowMs), lane);
    // It was not stopped after all. Whoever shall come back still has to.
    const coming = state.direction === "back" && !lane.stray;
    const kept = coming ? ended : { ...ended, changed: without(ended.changed, lane.gateway) };
    return replanned(kept, lane.gateway, result.message, nowMs);
  }
  // Whoever leaves at once does not wait for Redis to say who follows: its leases end by themselves.
  if (stage === "prefer" && lane.urgent) {
    return stagePassed(state, lane, result.message, nowMs);
  }
  const failed = dropLane(endLaneStep(state, lane, "failed", result.message, nowMs), lane);
  // What it was about comes back with everything else.
  if (lane.stray) return failed;
  const { gateway } = lane;
  if (state.direction === "back" || state.failures.length > 0) {
    return givenUp(failed, lane, result.message);
  }
  const bad = stage === "drain" || stage === "prefer" || stage === "handover" ? [] : [gateway];
  return stopped(failed, result.message, bad, nowMs);
}

/** On the way back nothing is watched: who is back is through. */
function throughBack(
  state: RolloutState,
  { visit, gateway }: Pick<Lane, "visit" | "gateway">,
): RolloutState {
  const lane = state.lanes.find((each) => each.visit === visit);
  if (lane === undefined || isBusy(lane)) return state;
  // After a hand-over it is chosen anew; put back into service as it was, it may still have to be changed.
  if (state.direction === "forward" && state.failures.length === 0) {
    return lane.replaced ? state : dropLane(state, lane);
  }
  return {
    ...dropLane(state, lane),
    done: lane.replaced ? union(state.done, gateway) : state.done,
  };
}

/** On the way back. Who cannot be asked to go is withdrawn; who cannot be withdrawn stays as it is, and that is said. */
function givenUp(state: RolloutState, { gateway, todo }: Lane, message: string): RolloutState {
  const [stage] = todo;
  const { cause } = state;
  const last =
    stage === "unsurge" || stage === "back" || cause === null || cause.bad.includes(gateway);
  if (!last && state.direction === "back") {
    return { ...state, cause: { ...cause, bad: [...cause.bad, gateway] } };
  }
  return {
    ...failing(state, `${gateway}: ${message}`),
    lost: union(state.lost, gateway),
    drained: stage === "back" ? without(state.drained, gateway) : state.drained,
    surged: stage === "unsurge" ? without(state.surged, gateway) : state.surged,
  };
}
