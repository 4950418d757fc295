import { begun, ended } from "../operation/steps.ts";
import type { Way } from "./choose.ts";
import type { Lane, LaneStage, RolloutFacts, RolloutState } from "./state.ts";

/** How a stage is called among the operation's steps; null: it shows none of its own. */
const STEP: Record<LaneStage, string | null> = {
  prefer: "switchover",
  handover: "switchover",
  words: null,
  surge: "surge",
  ready: "healthy",
  drain: "drain",
  replace: "replace",
  "take-over": "take-over",
  healthy: "healthy",
  unsurge: "unsurge",
  back: "back",
};

/** Is finished also when everything turns back: half of it would be worse than either end. */
const FINISHES = new Set<LaneStage>([
  "prefer",
  "handover",
  "surge",
  "replace",
  "take-over",
  "unsurge",
]);

function todoOf(how: Way): LaneStage[] {
  switch (how.way) {
    case "switch":
      return ["prefer", "handover"];
    case "stop-first":
      return [...(how.drain ? (["drain"] as const) : []), "replace", "healthy", "back"];
    case "start-first":
      return ["surge", "ready", "drain", "take-over", "back"];
    case "withdraw":
      return [...(how.to === null ? [] : (["prefer"] as const)), "replace", "healthy", "back"];
    case "restore":
      return [
        ...(how.surged ? (["unsurge"] as const) : []),
        ...(how.drained ? (["back"] as const) : []),
      ];
  }
}

export function beginLane(
  state: RolloutState,
  facts: RolloutFacts,
  gateway: string,
  how: Way,
  nowMs: number,
): RolloutState {
  const todo = todoOf(how);
  const urgent = how.way === "withdraw";
  // Its last words are in the cause already where it never became healthy.
  const words =
    urgent && state.cause?.kind === "failed" && !state.cause.message.includes("last words");
  const lane: Lane = {
    gateway,
    visit: state.visit + 1,
    todo: words ? ["words", ...todo] : todo,
    step: null,
    to: "to" in how ? how.to : null,
    generation: facts.generation,
    urgent,
    drained: !(urgent && (facts.gateways.find(({ name }) => name === gateway)?.shards ?? 0) > 0),
    replaced: false,
    stray: false,
  };
  const next = { ...state, visit: lane.visit, waiting: null, lanes: [...state.lanes, lane] };
  return enterStage(next, lane, nowMs);
}

/** Begins the step of what is first to do, and notes what it may leave behind. */
function enterStage(state: RolloutState, lane: Lane, nowMs: number): RolloutState {
  const [stage] = lane.todo;
  if (stage === undefined) return withLane(state, { ...lane, step: null });
  const { gateway } = lane;
  const name = STEP[stage];
  const steps =
    name === null
      ? state.steps
      : [...state.steps, begun(name, name === "switchover" ? lane.to! : gateway, nowMs)];
  return withLane(
    {
      ...state,
      steps,
      drained: stage === "drain" ? union(state.drained, gateway) : state.drained,
      surged: stage === "surge" ? union(state.surged, gateway) : state.surged,
      changed:
        state.direction === "forward" && (stage === "replace" || stage === "take-over")
          ? union(without(state.changed, gateway), gateway)
          : state.changed,
    },
    { ...lane, step: name === null ? null : steps.length - 1 },
  );
}

/** What was under way has succeeded: on to the next. */
export function stagePassed(
  state: RolloutState,
  lane: Lane,
  detail: string | null,
  nowMs: number,
): RolloutState {
  const [stage, ...todo] = lane.todo;
  const { gateway } = lane;
  const replaced = lane.replaced || stage === "replace" || stage === "take-over";
  const next = { ...lane, todo, replaced };
  // One step for both: the preference and the hand-over.
  if (stage === "prefer" && todo[0] === "handover") return withLane(state, next);
  const ended = endLaneStep(state, lane, "done", detail, nowMs);
  const gone = stage === "replace" || stage === "take-over" || stage === "back";
  const noted = {
    ...ended,
    drained: gone ? without(ended.drained, gateway) : ended.drained,
    surged:
      stage === "take-over" || stage === "unsurge" ? without(ended.surged, gateway) : ended.surged,
  };
  if (lane.stray) return dropLane(noted, lane);
  if (todo.length > 0) return enterStage(noted, next, nowMs);
  return withLane(noted, { ...next, step: null });
}

export function endLaneStep(
  state: RolloutState,
  lane: Lane,
  how: "done" | "failed" | "skipped",
  detail: string | null,
  nowMs: number,
): RolloutState {
  return lane.step === null ? state : endStep(state, lane.step, how, detail, nowMs);
}

export function endStep(
  state: RolloutState,
  index: number,
  how: "done" | "failed" | "skipped",
  detail: string | null,
  nowMs: number,
): RolloutState {
  return {
    ...state,
    steps: state.steps.map((step, at) =>
      at === index && step.state === "running" ? ended(step, how, detail, nowMs) : step,
    ),
  };
}

/** Everything turns back: what can be left is left, what cannot is finished. */
export function leaveLanes(state: RolloutState, nowMs: number): RolloutState {
  let next = state;
  for (const lane of state.lanes) {
    const stage = lane.todo[0];
    if (stage !== undefined && FINISHES.has(stage)) {
      next = withLane(next, { ...lane, stray: true });
      continue;
    }
    next = dropLane(endLaneStep(next, lane, "skipped", null, nowMs), lane);
  }
  return next;
}

export const dropLane = (state: RolloutState, { visit }: Lane): RolloutState => ({
  ...state,
  lanes: state.lanes.filter((lane) => lane.visit !== visit),
});

export const withLane = (state: RolloutState, changed: Lane): RolloutState => ({
  ...state,
  lanes: state.lanes.map((lane) => (lane.visit === changed.visit ? changed : lane)),
});

export const union = (names: readonly string[], name: string): string[] =>
  names.includes(name) ? [...names] : [...names, name];
export const without = (names: readonly string[], name: string): string[] =>
  names.filter((each) => each !== name);
