import type { Observation } from "@chela/shared/fleet/observation";
import type {
  FleetView,
  Judgement,
  OperationStep,
  RolloutProgress,
} from "@chela/shared/fleet/view";
import { rolloutFacts } from "@chela/shared/rollout/facts";
import { type Forecast, forecast } from "@chela/shared/rollout/forecast";
import { changesOf } from "@chela/shared/rollout/plan";
import type { RolloutFacts, RolloutState } from "@chela/shared/rollout/state";
import { stageName } from "@chela/shared/rollout/strategy";
import { judgedNow } from "@chela/shared/rollout/watching";

const SECOND_MS = 1_000;

/** What lies ahead, and how the new release does, as the fleet is seen now. */
export interface Ahead {
  steps: OperationStep[];
  msLeft: number | null;
  judgements: Judgement[];
}

/** @param fleet null, or the rollout over: only what is kept of it. */
export function aheadOf(
  machine: RolloutState,
  fleet: FleetView | null,
  seen: Observation | null,
): Ahead {
  if (machine.phase.at === "over" || fleet === null) {
    return { steps: machine.steps, msLeft: null, judgements: machine.judgements };
  }
  const nowMs = Date.parse(fleet.asOf);
  const facts = rolloutFacts(fleet, seen);
  const { end, ms } = forecastNow(machine, facts, nowMs);
  const live = judgedNow(machine, facts, nowMs).map(inSeconds);
  const kept = machine.judgements.filter(
    ({ gateway }) => !live.some((judgement) => judgement.gateway === gateway),
  );
  return {
    steps: [
      ...machine.steps,
      ...end.steps
        .slice(machine.steps.length)
        .map((step): OperationStep => ({ ...step, state: "pending", ...NOT_BEGUN })),
    ],
    // Whole seconds: else every look would be news to every page.
    msLeft: ms === null ? null : Math.ceil(ms / SECOND_MS) * SECOND_MS,
    judgements: [...kept, ...live],
  };
}

/** Running ahead costs more than looking: once a second is often enough where nothing has happened. */
const foreseen = new WeakMap<RolloutState, { atMs: number; forecast: Forecast }>();

function forecastNow(machine: RolloutState, facts: RolloutFacts, nowMs: number): Forecast {
  const before = foreseen.get(machine);
  if (before !== undefined && nowMs - before.atMs < SECOND_MS) return before.forecast;
  const made = forecast(machine, facts, nowMs);
  foreseen.set(machine, { atMs: nowMs, forecast: made });
  return made;
}

const NOT_BEGUN = { startedAt: null, ms: null, detail: null };

const inSeconds = (judgement: Judgement): Judgement => ({
  ...judgement,
  windowMs: Math.floor(judgement.windowMs / SECOND_MS) * SECOND_MS,
});

export function progressOf(machine: RolloutState, { judgements }: Ahead): RolloutProgress {
  const { from, to, strategy } = machine;
  return {
    from: from.tag,
    to: to.tag,
    fromImage: from.image,
    toImage: to.image,
    fromRelease: from.number,
    toRelease: to.number,
    changes: changesOf(from, to),
    order: machine.order,
    soakMs: strategy.soakMs,
    strategy,
    direction: machine.direction,
    cause: machine.cause?.message ?? null,
    done: machine.done,
    gate: gateOf(machine),
    judgements,
  };
}

function gateOf({ phase }: RolloutState): RolloutProgress["gate"] {
  if (phase.at !== "gate") return null;
  return {
    stage: stageName(phase.stage),
    needs: phase.untilMs === null ? "approval" : "time",
    untilAt: phase.untilMs === null ? null : new Date(phase.untilMs).toISOString(),
  };
}

/** For what it waits besides what is under way. */
export function waitOf(machine: RolloutState): string | null {
  const { phase } = machine;
  if (phase.at === "gate" && phase.untilMs === null && phase.approvedBy === null) {
    return `approval of ${stageName(phase.stage)}`;
  }
  return machine.waiting?.for ?? null;
}
