import type { ActionResult } from "../operation/action.ts";
import { begun, duration, ended } from "../operation/steps.ts";
import { choose } from "./choose.ts";
import { keyOf } from "./orders.ts";
import type { RolloutFacts, RolloutState, Stage } from "./state.ts";

/** One step further, if something allows it; answers the same object when nothing does. */
export function advanceRollout(
  state: RolloutState,
  facts: RolloutFacts,
  results: ReadonlyMap<string, ActionResult>,
  nowMs: number,
): RolloutState {
  const { stage } = state;
  if (stage.at === "over") return state;
  if (state.aborting && state.direction === "forward" && mayTurn(stage)) {
    return turnBack(state, { kind: "abort", message: "Aborted on request." }, nowMs);
  }
  if (stage.at === "choose") return chooseNext(state, facts, nowMs);
  const result = results.get(keyOf(state));
  if (result === undefined) return state;
  return result.ok ? passed(state, result.detail, nowMs) : failed(state, result, nowMs);
}

/** Replacing and switching are finished first: each is short, and half of one is worse than either end. */
const mayTurn = (stage: Stage) =>
  stage.at !== "replace" && stage.at !== "switch" && stage.at !== "settle";

function chooseNext(state: RolloutState, facts: RolloutFacts, nowMs: number): RolloutState {
  const choice = choose(state, facts);
  const wait = (waiting: string): RolloutState =>
    state.stage.at === "choose" && state.stage.waiting === waiting
      ? state
      : { ...state, stage: { at: "choose", waiting } };
  if (choice.next === "none") return enter(state, { at: "settle" }, "settle", undefined, nowMs);
  if (state.paused && state.direction === "forward") return wait("resume");
  if (choice.next === "wait") return wait(choice.for);

  const { gateway } = choice;
  const visit = { ...state, visit: state.visit + 1, touched: union(state.touched, gateway) };
  switch (choice.next) {
    case "undrain":
      return enter(visit, { at: "back", gateway }, "back", gateway, nowMs);
    case "switch":
      return enter(
        // Not touched yet: its shards move, it is not drained.
        { ...visit, touched: state.touched },
        { at: "switch", gateway, to: choice.to, step: "prefer", generation: facts.generation },
        "switchover",
        choice.to,
        nowMs,
      );
    case "drain":
      return enter(visit, { at: "drain", gateway }, "drain", gateway, nowMs);
    case "replace":
      return enter(visit, { at: "replace", gateway, drained: false }, "replace", gateway, nowMs);
  }
}

function passed(state: RolloutState, detail: string | null, nowMs: number): RolloutState {
  const { stage } = state;
  const done = (next: RolloutState = state) => endStep(next, "done", detail, nowMs);
  switch (stage.at) {
    case "images":
      return stage.done + 1 < stage.hosts.length
        ? { ...state, stage: { ...stage, done: stage.done + 1 } }
        : { ...done(), stage: { at: "choose", waiting: null } };
    case "switch":
      return stage.step === "prefer"
        ? { ...state, stage: { ...stage, step: "handover" } }
        : { ...done(), stage: { at: "choose", waiting: null } };
    case "drain":
      return enter(
        done(),
        { at: "replace", gateway: stage.gateway, drained: true },
        "replace",
        stage.gateway,
        nowMs,
      );
    case "replace":
      return enter(
        done(),
        { at: "healthy", gateway: stage.gateway },
        "healthy",
        stage.gateway,
        nowMs,
      );
    case "healthy":
      return enter(done(), { at: "back", gateway: stage.gateway }, "back", stage.gateway, nowMs);
    case "back":
      return state.direction === "forward"
        ? enter(
            done(),
            { at: "soak", gateway: stage.gateway, untilMs: nowMs + state.soakMs },
            "soak",
            stage.gateway,
            nowMs,
          )
        : through(done(), stage.gateway);
    case "soak":
      return through(done(), stage.gateway);
    case "settle":
      return over(done(), nowMs);
    case "choose":
    case "over":
      return state;
  }
}

/** Reasons of actions after which it is only decided anew. */
const PLAN_AGAIN = new Set(["superseded", "holds-shards"]);

function failed(
  state: RolloutState,
  result: Extract<ActionResult, { ok: false }>,
  nowMs: number,
): RolloutState {
  if (PLAN_AGAIN.has(result.reason)) {
    return {
      ...endStep(state, "skipped", result.message, nowMs),
      stage: { at: "choose", waiting: null },
    };
  }
  const stopped = endStep(state, "failed", result.message, nowMs);
  if (state.direction === "back" || !state.mayGoBack || state.stage.at === "settle") {
    const before = state.cause === null ? "" : `${state.cause.message} Going back failed too: `;
    return {
      ...stopped,
      stage: { at: "over" },
      state: "failed",
      outcome: `${before}${result.message}`,
    };
  }
  return turnBack(stopped, { kind: "failed", message: result.message }, nowMs);
}

function turnBack(
  state: RolloutState,
  cause: NonNullable<RolloutState["cause"]>,
  nowMs: number,
): RolloutState {
  return {
    ...endStep(state, "skipped", null, nowMs),
    direction: "back",
    cause,
    done: [],
    paused: false,
    stage: { at: "choose", waiting: null },
  };
}

function through(state: RolloutState, gateway: string): RolloutState {
  return { ...state, done: union(state.done, gateway), stage: { at: "choose", waiting: null } };
}

function over(state: RolloutState, nowMs: number): RolloutState {
  const took = duration(nowMs - state.startedAtMs);
  const end = (result: RolloutState["state"], outcome: string): RolloutState => ({
    ...state,
    stage: { at: "over" },
    state: result,
    outcome,
  });
  if (state.direction === "forward") {
    return end(
      "succeeded",
      `${count(state.done.length)} ${state.done.length === 1 ? "runs" : "run"} ${state.to.tag} (release ${state.to.number}). Done in ${took}.`,
    );
  }
  const returned =
    state.done.length === 0
      ? `No gateway had been changed`
      : `${state.done.join(" and ")} ${state.done.length === 1 ? "is" : "are"} back on ${state.from.tag} (release ${state.from.number})`;
  return state.cause?.kind === "abort"
    ? end("aborted", `Aborted. ${returned}, after ${took}.`)
    : end("rolled-back", `${returned}, after ${took}. ${state.cause?.message ?? ""}`.trim());
}

function enter(
  state: RolloutState,
  stage: Stage,
  name: string,
  gateway: string | undefined,
  nowMs: number,
): RolloutState {
  return { ...state, stage, steps: [...state.steps, begun(name, gateway, nowMs)] };
}

function endStep(
  state: RolloutState,
  how: "done" | "failed" | "skipped",
  detail: string | null,
  nowMs: number,
): RolloutState {
  const last = state.steps.at(-1);
  if (last === undefined || last.state !== "running") return state;
  return { ...state, steps: [...state.steps.slice(0, -1), ended(last, how, detail, nowMs)] };
}

const union = (names: readonly string[], name: string) =>
  names.includes(name) ? [...names] : [...names, name];
const count = (gateways: number) => (gateways === 1 ? "1 gateway" : `${gateways} gateways`);
