import type { OperationState, OperationStep } from "../fleet/view.ts";
import type { Action, ActionResult, Order } from "./action.ts";
import { begun, duration, ended, pending } from "./steps.ts";

/** Stages known from the start, one after the other: switchover, failover, and what is done to one gateway. */
export interface SequenceState {
  machine: "sequence";
  stages: SequenceStage[];
  /** Index of the stage that runs; the number of stages once it is over. */
  at: number;
  steps: OperationStep[];
  state: OperationState;
  aborting: boolean;
  /** Said at the end; `{ms}` and `{detail}` (of the stage `says`) are filled in. */
  success: string;
  says: string | null;
  /** An abort comes too late to leave things half done: it is finished first. */
  completes: boolean;
  /** Stopped early, it takes back into service whatever it has drained and not replaced; absent: it does not. */
  restores?: boolean;
  outcome: string | null;
  startedAtMs: number;
}

export interface SequenceStage {
  name: string;
  gateway?: string;
  action: Action;
  /** Runs also when a stage before it failed or the operation is aborted, to leave nothing drained behind. */
  always?: boolean;
  /** An abort is not heard between the stage before it and this one: half of the two would be worse. */
  joined?: boolean;
}

export function beginSequence(
  stages: SequenceStage[],
  words: { success: string; says?: string; completes?: boolean; restores?: boolean },
  nowMs: number,
): SequenceState {
  return {
    machine: "sequence",
    stages,
    at: 0,
    steps: stages.map(({ name, gateway }, index) =>
      index === 0 ? begun(name, gateway, nowMs) : pending(name, gateway),
    ),
    state: "running",
    aborting: false,
    success: words.success,
    says: words.says ?? null,
    completes: words.completes ?? false,
    ...(words.restores === true && { restores: true }),
    outcome: null,
    startedAtMs: nowMs,
  };
}

/** What shall be under way now; none once it is over. */
export function sequenceOrders(state: SequenceState): Order[] {
  const stage = state.stages[state.at];
  if (state.state !== "running" || stage === undefined) return [];
  return [{ key: keyOf(state, state.at), action: stage.action }];
}

/** Answers the same object when nothing changed. */
export function advanceSequence(
  state: SequenceState,
  results: ReadonlyMap<string, ActionResult>,
  nowMs: number,
): SequenceState {
  if (state.state !== "running") return state;
  const result = results.get(keyOf(state, state.at));
  if (result === undefined) return state;
  const steps = [...state.steps];
  steps[state.at] = ended(
    steps[state.at]!,
    result.ok ? "done" : "failed",
    result.ok ? result.detail : result.message,
    nowMs,
  );
  if (result.ok && result.pauseMs !== undefined) {
    steps[state.at] = { ...steps[state.at]!, pauseMs: result.pauseMs };
  }
  const before = state.steps.some((step) => step.state === "failed" || step.state === "skipped");
  const heard = state.aborting && !state.completes && state.stages[state.at + 1]?.joined !== true;
  const stopped = !result.ok || heard || before;
  const stages =
    stopped && !before && state.restores === true
      ? [...state.stages, ...leftDrained(state.stages, state.at, result.ok)]
      : state.stages;
  for (const { name, gateway } of stages.slice(steps.length)) steps.push(pending(name, gateway));
  let next = state.at + 1;
  for (; next < stages.length; next++) {
    if (!stopped || stages[next]!.always === true) break;
    steps[next] = ended(steps[next]!, "skipped", null, nowMs);
  }
  const stage = stages[next];
  if (stage !== undefined) {
    steps[next] = begun(stage.name, stage.gateway, nowMs);
    return { ...state, stages, at: next, steps };
  }
  return { ...state, stages, at: next, steps, ...ending(state, steps, nowMs) };
}

/** What ends a drain: the container that was drained is gone or back. */
const ENDS_DRAIN = new Set<Action["type"]>(["undrain", "replace", "move", "remove"]);

/** Back into service with whoever was drained up to stage `at`, and is that still. */
function leftDrained(
  stages: readonly SequenceStage[],
  at: number,
  passed: boolean,
): SequenceStage[] {
  const drained = new Set<string>();
  stages.slice(0, at + 1).forEach(({ action, gateway }, index) => {
    if (gateway === undefined) return;
    if (action.type === "drain") drained.add(gateway);
    else if (ENDS_DRAIN.has(action.type) && (index < at || passed)) drained.delete(gateway);
  });
  return [...drained].map((gateway) => ({
    ...{ name: "back", gateway, action: { type: "undrain", gateway }, always: true },
  }));
}

function ending(
  state: SequenceState,
  steps: OperationStep[],
  nowMs: number,
): { state: OperationState; outcome: string } {
  const failed = steps.find((step) => step.state === "failed");
  if (failed !== undefined) {
    return { state: "failed", outcome: failed.detail ?? `The step ${failed.name} failed.` };
  }
  if (steps.some((step) => step.state === "skipped")) {
    return { state: "aborted", outcome: "Stopped on request; what had begun was finished first." };
  }
  const said = steps.find((step) => step.name === state.says)?.detail ?? "";
  return {
    state: "succeeded",
    outcome: state.success
      .replace("{ms}", duration(nowMs - state.startedAtMs))
      .replace("{detail}", said),
  };
}

const keyOf = (state: SequenceState, index: number) => {
  const stage = state.stages[index];
  return `${index + 1}-${stage?.name ?? "over"}${stage?.gateway === undefined ? "" : `-${stage.gateway}`}`;
};
