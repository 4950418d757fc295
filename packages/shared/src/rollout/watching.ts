import type { Judgement } from "../fleet/view.ts";
import { begun } from "../operation/steps.ts";
import { onTarget } from "./choose.ts";
import { endStep, union } from "./lanes.ts";
import { shareDue, wantShare } from "./share.ts";
import type { RolloutFacts, RolloutState } from "./state.ts";
import { stageName, stageTarget } from "./strategy.ts";
import { stopped } from "./turn-back.ts";
import {
  beginWatch,
  type Failing,
  judgementInWords,
  judgements,
  look,
  seenSince,
} from "./watch.ts";

/** Everyone is back: the canary gets its part, and all are watched together. */
export function enterSoak(state: RolloutState, facts: RolloutFacts, nowMs: number): RolloutState {
  const wanted = wantShare(state, shareDue(state, facts));
  if (wanted !== state) return wanted;
  const gateways = state.lanes.map(({ gateway }) => gateway);
  // A rollback goes where everything was good: it is neither watched nor judged.
  if (!state.mayGoBack) return through(state);
  return {
    ...state,
    waiting: null,
    phase: { at: "soak", untilMs: nowMs + state.strategy.soakMs },
    watch: beginWatch(gateways, facts.gateways, nowMs),
    steps: [...state.steps, ...gateways.map((gateway) => begun("soak", gateway, nowMs))],
  };
}

export function stageReached(state: RolloutState, facts: RolloutFacts): boolean {
  const stage = state.strategy.canary?.stages[state.stage];
  const due =
    state.done.length > 0 || facts.gateways.some(({ release }) => release !== state.to.number);
  if (stage === undefined || !due) return false;
  return onTarget(state, facts).length >= stageTarget(stage, facts.gateways.length);
}

export function enterGate(state: RolloutState, facts: RolloutFacts, nowMs: number): RolloutState {
  const wanted = wantShare(state, shareDue(state, facts));
  if (wanted !== state) return wanted;
  const { gate } = state.strategy.canary!.stages[state.stage]!;
  return {
    ...state,
    waiting: null,
    phase: {
      at: "gate",
      stage: state.stage,
      untilMs: gate.by === "time" ? nowMs + gate.ms : null,
      approvedBy: null,
    },
    watch: beginWatch(onTarget(state, facts), facts.gateways, nowMs),
    steps: [...state.steps, begun(stageName(state.stage), undefined, nowMs)],
  };
}

/** During soak and gate: who fails turns it back at once; who was seen to the end is through. */
export function watched(state: RolloutState, facts: RolloutFacts, nowMs: number): RolloutState {
  const { phase, watch } = state;
  if (watch === null || (phase.at !== "soak" && phase.at !== "gate")) return state;
  const old = onOld(state, facts);
  const seen = look(watch, facts.gateways, old, nowMs);
  if (seen.failing.length > 0) return judgedBad(state, facts, seen.failing, nowMs);
  const done = seen.fresh && Object.keys(seen.watch.ill).length === 0;
  if (
    done &&
    phase.at === "soak" &&
    nowMs >= phase.untilMs &&
    seenSince(watch, facts.gateways, phase.untilMs)
  ) {
    return soaked(state, facts, nowMs);
  }
  if (done && phase.at === "gate" && gateOpen(state, facts, nowMs)) {
    return gatePassed(state, facts, nowMs);
  }
  return seen.watch === watch ? state : { ...state, watch: seen.watch };
}

/** What is seen of those that are watched now; nobody is: none. */
export function judgedNow(state: RolloutState, facts: RolloutFacts, nowMs: number): Judgement[] {
  return state.watch === null
    ? []
    : judgements(state.watch, facts.gateways, onOld(state, facts), nowMs);
}

function judgedBad(
  state: RolloutState,
  facts: RolloutFacts,
  failing: readonly Failing[],
  nowMs: number,
): RolloutState {
  const bad = [...new Set(failing.map(({ gateway }) => gateway))];
  const firstOf = (gateway: string) => failing.find((each) => each.gateway === gateway)?.figure;
  const message = bad
    .map((gateway) => {
      const { name, detail } = firstOf(gateway)!;
      return `${gateway} was judged bad by its ${name.replaceAll("-", " ")}: ${detail}`;
    })
    .join(" ");
  const seen = judgedNow(state, facts, nowMs).map((each): Judgement => {
    const figure = firstOf(each.gateway);
    // One that has only begun to look bad was not watched long enough.
    if (figure === undefined && each.verdict === "fail") return { ...each, verdict: "not-enough" };
    if (figure === undefined) return each;
    const others = each.checks.filter(({ name }) => name !== figure.name);
    return { ...each, verdict: "fail", checks: [figure, ...others] };
  });
  const ended = endWatched(state, seen, nowMs);
  const gate = ended.steps.findLastIndex(({ name }) => name === stageName(state.stage));
  const told = gate < 0 ? ended : endStep(ended, gate, "failed", message, nowMs);
  return stopped(told, message, bad, nowMs);
}

function soaked(state: RolloutState, facts: RolloutFacts, nowMs: number): RolloutState {
  const all = judgedNow(state, facts, nowMs);
  return { ...through(endWatched(state, all, nowMs)), phase: { at: "batch" } };
}

/** The batch is through. */
function through(state: RolloutState): RolloutState {
  return {
    ...state,
    waiting: null,
    lanes: [],
    done: state.lanes.reduce((names, { gateway }) => union(names, gateway), state.done),
  };
}

function gateOpen(state: RolloutState, facts: RolloutFacts, nowMs: number): boolean {
  const { phase, watch } = state;
  if (phase.at !== "gate" || watch === null || state.paused) return false;
  if (phase.approvedBy !== null) return true;
  return (
    phase.untilMs !== null &&
    nowMs >= phase.untilMs &&
    seenSince(watch, facts.gateways, phase.untilMs)
  );
}

function gatePassed(state: RolloutState, facts: RolloutFacts, nowMs: number): RolloutState {
  if (state.phase.at !== "gate") return state;
  const all = judgedNow(state, facts, nowMs);
  const unjudged = all.every(({ verdict }) => verdict === "not-enough");
  const by =
    state.phase.approvedBy === null
      ? "Its time is over."
      : `Approved by ${state.phase.approvedBy}.`;
  const at = state.steps.findLastIndex(({ name }) => name === stageName(state.stage));
  const ended = endStep(
    endWatched(state, all, nowMs),
    at,
    "done",
    unjudged ? `${by} There was not enough traffic to judge.` : by,
    nowMs,
  );
  const stage = state.stage + 1;
  const next: RolloutState = { ...ended, stage, phase: { at: "batch" } };
  return stage < (state.strategy.canary?.stages.length ?? 0) ? next : wantShare(next, null);
}

/** Gateways that still run the old release: what the new ones are measured against. */
function onOld(state: RolloutState, facts: RolloutFacts): string[] {
  return facts.gateways
    .filter(({ name, release }) => release !== state.to.number && !state.done.includes(name))
    .map(({ name }) => name);
}

/** What is watched ends, with what was seen of each. */
function endWatched(state: RolloutState, seen: readonly Judgement[], nowMs: number): RolloutState {
  const failed = seen.some(({ verdict }) => verdict === "fail");
  const judged = state.steps.reduce((next, step, index) => {
    const mine = seen.find(({ gateway }) => gateway === step.gateway);
    if (step.name !== "soak" || step.state !== "running" || mine === undefined) return next;
    const how = mine.verdict === "fail" ? "failed" : failed ? "skipped" : "done";
    return endStep(next, index, how, judgementInWords(mine), nowMs);
  }, state);
  return { ...judged, watch: null, judgements: keepLast(state.judgements, seen) };
}

const keepLast = (before: readonly Judgement[], seen: readonly Judgement[]): Judgement[] => [
  ...before.filter(({ gateway }) => !seen.some((each) => each.gateway === gateway)),
  ...seen,
];
