import type { ActionResult } from "../operation/action.ts";
import { begun } from "../operation/steps.ts";
import { onTarget } from "./choose.ts";
import { endStep } from "./lanes.ts";
import type { RolloutFacts, RolloutState, Shared } from "./state.ts";

/** The part of the shards that the canary shall have now; null: none, or the whole fleet is the canary. */
export function shareDue(state: RolloutState, facts: RolloutFacts): Shared | null {
  const stage = state.strategy.canary?.stages[state.stage];
  if (stage === undefined || state.direction === "back") return null;
  const resting = state.lanes.map(({ gateway }) => gateway);
  const gateways = [...new Set([...onTarget(state, facts), ...resting])].sort();
  const total = facts.gateways.length;
  if (gateways.length === 0 || gateways.length >= total) return null;
  const filled = Math.ceil((100 * gateways.length) / total);
  const asked = "percent" in stage.gateways ? stage.gateways.percent : filled;
  return { gateways, percent: Math.min(asked, filled) };
}

export const wantShare = (state: RolloutState, wanted: Shared | null): RolloutState =>
  same(state.share.wanted, wanted) ? state : { ...state, share: { ...state.share, wanted } };

export const isShareDue = ({ share }: RolloutState): boolean =>
  share.write !== null || !same(share.wanted, share.written);

/** Begins the write of what is wanted, where it is not written and nothing is under way. */
export function beginShare(state: RolloutState, facts: RolloutFacts, nowMs: number): RolloutState {
  const { share } = state;
  if (share.write !== null || same(share.wanted, share.written)) return state;
  const visit = state.visit + 1;
  const write = { visit, generation: facts.generation, step: state.steps.length, of: share.wanted };
  return {
    ...state,
    visit,
    steps: [...state.steps, begun("share", undefined, nowMs)],
    share: { ...share, write },
  };
}

/** The write is over; where it failed, what follows from that is the caller's to decide. */
export function shareEnded(state: RolloutState, result: ActionResult, nowMs: number): RolloutState {
  const { share } = state;
  const write = share.write!;
  if (result.ok) {
    return {
      ...endStep(state, write.step, "done", result.detail, nowMs),
      share: { ...share, written: write.of, write: null },
    };
  }
  return {
    ...endStep(
      state,
      write.step,
      result.reason === "superseded" ? "skipped" : "failed",
      result.message,
      nowMs,
    ),
    // Nobody knows whether it stands: what is wanted from here on is written in any case.
    share: { ...share, written: UNKNOWN, write: null },
  };
}

const UNKNOWN: Shared = { gateways: [], percent: -1 };

/** It is left as it is: what could be done was done. */
export const giveShareUp = (state: RolloutState): RolloutState => ({
  ...state,
  share: { wanted: null, written: null, write: null },
});

const same = (a: Shared | null, b: Shared | null): boolean =>
  JSON.stringify(a) === JSON.stringify(b);
