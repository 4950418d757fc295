import type {
  OperationStep,
  OperationView,
  RolloutProgress,
  RolloutStrategy,
  StepState,
} from "@chela/shared/fleet/view";

/** Pure: a rollout's steps as lanes, one a gateway, phases from left to right. */
const STOP_FIRST = ["switchover", "drain", "replace", "healthy", "back", "soak"] as const;
const START_FIRST = [
  "switchover",
  "surge",
  "healthy",
  "drain",
  "take-over",
  "back",
  "soak",
] as const;
export type Phase = (typeof STOP_FIRST)[number] | (typeof START_FIRST)[number];
const PHASES = [...new Set<Phase>([...START_FIRST, ...STOP_FIRST])];

/** The columns of a rollout. */
export const phasesOf = (order: RolloutStrategy["order"] | undefined): readonly Phase[] =>
  order === "startFirst" ? START_FIRST : STOP_FIRST;

/** What is done on the way back only, under the phase that it undoes or stands for. */
const INSTEAD: Record<string, Phase> = { replace: "take-over", unsurge: "surge" };

function phaseOf(name: string, phases: readonly Phase[]): Phase | null {
  const phase = (phases as readonly string[]).includes(name) ? (name as Phase) : INSTEAD[name];
  return phase !== undefined && phases.includes(phase) ? phase : null;
}

export interface Lane {
  gateway: string;
  host: string | null;
  /** Its latest visit: a rollout that goes back visits a gateway again. */
  phases: Record<Phase, OperationStep | null>;
  state: StepState;
  /** Sum of what was measured. */
  ms: number;
}

/** In the order in which gateways are due; a gateway without steps yet comes where the plan put it. */
export function lanesOf(operation: Pick<OperationView, "steps" | "rollout">): Lane[] {
  const order = operation.rollout?.order ?? [];
  const columns = phasesOf(operation.rollout?.strategy?.order);
  const lanes = new Map<string, Record<Phase, OperationStep | null>>();
  let switchover: OperationStep | null = null;
  for (const step of operation.steps) {
    const phase = phaseOf(step.name, columns);
    if (phase === null || step.gateway === undefined) continue;
    if (phase === "switchover") {
      // Names who takes over; it makes room for the gateway of the step after it.
      switchover = step;
      continue;
    }
    let phases = lanes.get(step.gateway);
    if (phases === undefined || phases[phase] !== null) {
      phases = { ...EMPTY };
      lanes.delete(step.gateway);
      lanes.set(step.gateway, phases);
    }
    if (switchover !== null) {
      phases.switchover = switchover;
      switchover = null;
    }
    phases[phase] = step;
  }
  const known = [...lanes].map(([gateway, phases]) => laneOf(gateway, phases, order));
  const due = order
    .filter((each) => !lanes.has(each.gateway))
    .map((each) => laneOf(each.gateway, { ...EMPTY }, order));
  return [...known, ...due];
}

const EMPTY = Object.fromEntries(PHASES.map((phase) => [phase, null])) as Lane["phases"];

function laneOf(
  gateway: string,
  phases: Lane["phases"],
  order: readonly { gateway: string; host: string }[],
): Lane {
  const steps = PHASES.map((phase) => phases[phase]).filter((step) => step !== null);
  return {
    gateway,
    host: order.find((each) => each.gateway === gateway)?.host ?? null,
    phases,
    state: stateOf(steps),
    ms: steps.reduce((sum, step) => sum + (step.ms ?? 0), 0),
  };
}

function stateOf(steps: readonly OperationStep[]): StepState {
  if (steps.some((step) => step.state === "failed")) return "failed";
  if (steps.some((step) => step.state === "running")) return "running";
  if (steps.length === 0 || steps.every((step) => step.state === "pending")) return "pending";
  if (steps.every((step) => step.state === "done" || step.state === "skipped")) return "done";
  return "running";
}

/** The gateway that is worked on now, for its log; else the one worked on last. */
export function currentGateway(lanes: readonly Lane[]): string | null {
  const lane =
    lanes.find((each) => each.state === "running" || each.state === "failed") ??
    lanes.findLast((each) => each.state === "done");
  return lane?.gateway ?? null;
}

/** How far a lane is, 0 to 1; a running soak counts by its time. */
export function shareOf(lane: Lane, soakMs: number, now: number): number {
  const steps = PHASES.map((phase) => lane.phases[phase]).filter((step) => step !== null);
  if (steps.length === 0) return 0;
  const done = steps.reduce((sum, step) => {
    if (step.state === "done" || step.state === "skipped") return sum + 1;
    if (step.state === "running" && step.name === "soak") return sum + soakShare(step, soakMs, now);
    return sum;
  }, 0);
  return done / steps.length;
}

export const soakShare = (
  step: Pick<OperationStep, "startedAt">,
  soakMs: number,
  now: number,
): number =>
  step.startedAt === null || soakMs <= 0
    ? 0
    : Math.min(1, Math.max(0, (now - Date.parse(step.startedAt)) / soakMs));

/** While it goes back: it was changed on the way there, and nobody has begun to bring it back. */
export const isDueBack = (
  lane: Lane,
  rollout: Pick<RolloutProgress, "direction" | "done">,
): boolean =>
  rollout.direction === "back" && lane.state === "done" && !rollout.done.includes(lane.gateway);

/** What a lane is doing, in words. */
export function laneInWords(
  lane: Lane,
  rollout: Pick<RolloutProgress, "direction" | "done"> | null,
): string {
  if (rollout !== null && isDueBack(lane, rollout)) return "goes back";
  if (rollout?.direction === "back" && lane.state === "pending") return "not touched";
  return LANE_WORDS[lane.state];
}

const LANE_WORDS: Record<StepState, string> = {
  pending: "waits",
  running: "under way",
  done: "done",
  failed: "failed",
  skipped: "skipped",
};
