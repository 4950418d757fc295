import type { Observation } from "@chela/shared/fleet/observation";
import type { FleetView, OperationView } from "@chela/shared/fleet/view";
import { isOver, type Operation } from "./operation.ts";
import { aheadOf, progressOf, waitOf } from "./rollout-view.ts";

/**
 * An operation as the API answers it. For a rollout that runs, the steps ahead are read from roles as they are now.
 * @param seen with the figures that a new release is judged by.
 */
export function operationView(
  operation: Operation,
  fleet: FleetView | null,
  waitingFor: string | null,
  seen: Observation | null,
): OperationView {
  const { machine } = operation;
  const ahead = machine.machine === "rollout" ? aheadOf(machine, fleet, seen) : null;
  const waits = waitingFor ?? (machine.machine === "rollout" ? waitOf(machine) : null);
  return {
    id: operation.id,
    fleet: operation.fleet,
    kind: operation.kind,
    state: machine.state === "running" && isPaused(operation) ? "paused" : machine.state,
    ...(waits !== null && !isOver(machine) && { waitingFor: waits }),
    title: operation.title,
    steps: ahead?.steps ?? machine.steps,
    outcome: machine.outcome,
    requestedBy: operation.requestedBy,
    reason: operation.reason,
    aborting: machine.aborting && !isOver(machine),
    rollout: machine.machine === "rollout" ? progressOf(machine, ahead!) : null,
    failover: operation.failover,
    automatic: operation.automatic ?? null,
    edgeReloads: operation.reloads?.during ?? null,
    msLeft: ahead?.msLeft ?? null,
    startedAt: new Date(operation.startedAtMs).toISOString(),
    endedAt: operation.endedAtMs === null ? null : new Date(operation.endedAtMs).toISOString(),
  };
}

const isPaused = ({ machine }: Operation) => machine.machine === "rollout" && machine.paused;
