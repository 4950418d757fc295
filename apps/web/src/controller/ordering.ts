import type { Clock } from "@chela/shared/clock/clock";
import type { FleetView, OperationKind } from "@chela/shared/fleet/view";
import type { DesiredFleet } from "../fleet/desired.ts";
import type { Actor, Started } from "../server/console.ts";
import type { Machine, Operation } from "./operation.ts";
import type { PlanMemory } from "./plan-memory.ts";

/** What every order brings along. */
interface OrderRequest {
  fleet: string;
  reason?: string | undefined;
  idempotencyKey?: string | undefined;
}

/** What commands need to become operations. */
export interface Ordering {
  readonly clock: Clock;
  readonly desired: DesiredFleet;
  readonly plans: PlanMemory;
  /** A look from now. Throws NOT_FOUND for another fleet. */
  view(fleet: string): Promise<FleetView>;
  /** The operation that was begun with this idempotency key. */
  earlier(request: OrderRequest): Promise<Started | null>;
  /** Hands it to the controller. Throws CONFLICT while another one runs. */
  begin(
    operation: {
      id: string;
      kind: OperationKind;
      title: string;
      machine: Machine;
      failover?: Operation["failover"];
    },
    request: OrderRequest,
    by: Actor,
  ): Promise<Started>;
}
