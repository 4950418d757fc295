import type { FleetView, OperationStep, OperationView } from "@chela/shared/fleet/view";
import { rolloutFacts, stepsAhead } from "@chela/shared/rollout/plan";
import type { RolloutState } from "@chela/shared/rollout/state";
import { isOver, type Operation } from "./operation.ts";

/** An operation as the API answers it. For a rollout that runs, the steps ahead are read from roles as they are now. */
export function operationView(
  operation: Operation,
  fleet: FleetView | null,
  waitingFor: string | null,
): OperationView {
  const { machine } = operation;
  const waits = waitingFor ?? (machine.machine === "rollout" ? waitOf(machine) : null);
  return {
    id: operation.id,
    fleet: operation.fleet,
    kind: operation.kind,
    state: machine.state === "running" && isPaused(operation) ? "paused" : machine.state,
    ...(waits !== null && !isOver(machine) && { waitingFor: waits }),
    title: operation.title,
    steps: machine.machine === "rollout" ? rolloutSteps(machine, fleet) : machine.steps,
    outcome: machine.outcome,
    requestedBy: operation.requestedBy,
    reason: operation.reason,
    aborting: machine.aborting && !isOver(machine),
    rollout:
      machine.machine === "rollout"
        ? {
            from: machine.from.tag,
            to: machine.to.tag,
            fromImage: machine.from.image,
            toImage: machine.to.image,
            order: machine.order,
            soakMs: machine.soakMs,
          }
        : null,
    failover: operation.failover,
    startedAt: new Date(operation.startedAtMs).toISOString(),
    endedAt: operation.endedAtMs === null ? null : new Date(operation.endedAtMs).toISOString(),
  };
}

const isPaused = ({ machine }: Operation) => machine.machine === "rollout" && machine.paused;

function waitOf(machine: RolloutState): string | null {
  return machine.stage.at === "choose" ? machine.stage.waiting : null;
}

function rolloutSteps(machine: RolloutState, fleet: FleetView | null): OperationStep[] {
  if (isOver(machine) || fleet === null) return machine.steps;
  const facts = rolloutFacts(fleet);
  const target = machine.direction === "forward" ? machine.to : machine.from;
  const current =
    "gateway" in machine.stage && machine.stage.at !== "switch" ? machine.stage.gateway : null;
  const due = facts.gateways
    .filter(
      ({ name, release }) =>
        release !== target.number &&
        name !== current &&
        !machine.done.includes(name) &&
        (machine.direction === "forward" || machine.touched.includes(name)),
    )
    .map(({ name }) => name);
  const forward = machine.direction === "forward";
  const rest = current === null ? [] : restOf(machine, current);
  return [...machine.steps, ...rest, ...stepsAhead(facts, due, forward)];
}

const VISIT = ["drain", "replace", "healthy", "back", "soak"] as const;

/** What is still ahead for the gateway whose turn it is. */
function restOf(machine: RolloutState, gateway: string): OperationStep[] {
  const at = VISIT.indexOf(machine.stage.at as (typeof VISIT)[number]);
  return VISIT.slice(at + 1)
    .filter((name) => name !== "soak" || machine.direction === "forward")
    .map((name) => ({ name, gateway, state: "pending", startedAt: null, ms: null, detail: null }));
}
