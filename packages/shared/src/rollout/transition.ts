import type { ActionResult } from "../operation/action.ts";
import { begun, duration } from "../operation/steps.ts";
import { choose } from "./choose.ts";
import { beginLane } from "./lanes.ts";
import { over } from "./outcome.ts";
import { withResults } from "./results.ts";
import { beginShare, isShareDue } from "./share.ts";
import { CAPACITY_WITHIN_MS, isBusy, type RolloutFacts, type RolloutState } from "./state.ts";
import { failing, stopped, turnBack } from "./turn-back.ts";
import { enterGate, enterSoak, stageReached, watched } from "./watching.ts";

/** One step further, if something allows it; answers the same object when nothing does. */
export function advanceRollout(
  state: RolloutState,
  facts: RolloutFacts,
  results: ReadonlyMap<string, ActionResult>,
  nowMs: number,
): RolloutState {
  if (state.phase.at === "over") return state;
  if (state.aborting && state.direction === "forward") {
    return turnBack(state, { kind: "abort", message: "Aborted on request.", bad: [] }, nowMs);
  }
  const answered = withResults(state, results, nowMs);
  if (answered !== state) return answered;
  switch (state.phase.at) {
    case "images":
    case "settle":
      return state;
    case "batch":
      return inBatch(state, facts, nowMs);
    case "soak":
    case "gate":
      return watched(state, facts, nowMs);
  }
}

function inBatch(state: RolloutState, facts: RolloutFacts, nowMs: number): RolloutState {
  const sharing = beginShare(state, facts, nowMs);
  if (sharing !== state) return sharing;
  const forward = state.direction === "forward" && state.failures.length === 0;
  const busy = state.lanes.some(isBusy);
  if (forward) {
    // The gateways move shards just now: who holds what is not known before they have.
    if (isShareDue(state)) return state;
    if (!busy && state.lanes.length === 0 && stageReached(state, facts)) {
      return enterGate(state, facts, nowMs);
    }
  }
  const choice = choose(state, facts);
  if (state.paused && forward && (choice.next === "begin" || choice.next === "wait")) {
    if (busy) return state;
    return state.lanes.length > 0
      ? enterSoak(state, facts, nowMs)
      : waitFor(state, "resume", nowMs);
  }
  switch (choice.next) {
    case "begin":
      return beginLane(state, facts, choice.gateway, choice.how, nowMs);
    case "wait":
      if (!busy && forward && state.lanes.length > 0) return enterSoak(state, facts, nowMs);
      return busy ? state : waitFor(state, choice.for, nowMs);
    case "full":
    case "none":
      if (busy) return state;
      if (forward && state.lanes.length > 0) return enterSoak(state, facts, nowMs);
      if (choice.next === "full" || isShareDue(state)) return state;
      return enterEnd(state, nowMs);
  }
}

function enterEnd(state: RolloutState, nowMs: number): RolloutState {
  if (state.direction === "forward" && state.failures.length > 0) return over(state, nowMs);
  return {
    ...state,
    waiting: null,
    phase: { at: "settle" },
    steps: [...state.steps, begun("settle", undefined, nowMs)],
  };
}

function waitFor(state: RolloutState, what: string, nowMs: number): RolloutState {
  const { waiting } = state;
  if (waiting?.for !== what) return { ...state, waiting: { for: what, sinceMs: nowMs } };
  if (what === "resume" || nowMs - waiting.sinceMs < CAPACITY_WITHIN_MS) return state;
  const message = `It has waited ${duration(CAPACITY_WITHIN_MS)} for ${what}.`;
  return state.direction === "forward"
    ? stopped({ ...state, waiting: null }, message, [], nowMs)
    : { ...failing(state, message), waiting: null, lost: [...state.lost, ...state.changed] };
}
