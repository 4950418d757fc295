import type { FleetView, OperationKind } from "@chela/shared/fleet/view";
import type { Operation } from "./operation.ts";

/** Kinds that promise to need none, and say in their outcome whether they kept it. */
const PROMISED = new Set<OperationKind>(["switchover", "failover", "rollout", "rollback"]);

/** By edge, since its container started. */
export function reloadsOf(view: FleetView | null): Record<string, number> {
  return Object.fromEntries((view?.edges ?? []).map(({ name, reloads }) => [name, reloads]));
}

/** An operation that is over, with how often nginx was reloaded while it ran. Pure. */
export function withReloads(operation: Operation, after: Record<string, number>): Operation {
  const before = operation.reloads?.before ?? {};
  const during = reloadsBetween(before, after);
  const { outcome } = operation.machine;
  const says = PROMISED.has(operation.kind) && during !== null && outcome !== null;
  return {
    ...operation,
    reloads: { before, during },
    ...(says && { machine: { ...operation.machine, outcome: `${outcome} ${sentence(during)}` } }),
  };
}

/** Null where an edge was not seen at both ends. One that counts lower was made anew meanwhile. */
function reloadsBetween(
  before: Record<string, number>,
  after: Record<string, number>,
): number | null {
  const edges = Object.keys(after);
  if (edges.length === 0 || edges.some((edge) => before[edge] === undefined)) return null;
  return edges.reduce((sum, edge) => {
    const [then, now] = [before[edge]!, after[edge]!];
    return sum + (now >= then ? now - then : now);
  }, 0);
}

const sentence = (count: number) =>
  count === 0 ? "No nginx reload." : `${count} nginx ${count === 1 ? "reload" : "reloads"}.`;
