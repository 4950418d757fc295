import type { FleetEvent, OperationView } from "@chela/shared/fleet/view";

/** Pure: what belongs to an operation: its own events, and what happened to its gateways while it ran. */
export function eventsOf(
  operation: Pick<OperationView, "id" | "startedAt" | "endedAt" | "rollout">,
  events: readonly FleetEvent[],
): FleetEvent[] {
  const gateways = new Set(operation.rollout?.order.map((each) => each.gateway));
  return events.filter(
    (event) =>
      event.operationId === operation.id ||
      (event.operationId === undefined &&
        event.gateway !== undefined &&
        gateways.has(event.gateway) &&
        event.at >= operation.startedAt &&
        (operation.endedAt === null || event.at <= operation.endedAt)),
  );
}
