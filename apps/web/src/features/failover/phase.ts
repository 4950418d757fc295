import type { OperationView } from "@chela/shared/fleet/view";

/** Pure: what the promote sheet of a gateway shows. */
export type Phase =
  | { kind: "review" }
  | { kind: "running"; operation: OperationView }
  | { kind: "over"; operation: OperationView };

/**
 * The operation that this sheet started or is pinned to; else one that runs for this gateway, so that reopening finds
 * it again; else the review. What another operation does shows as a failed check there.
 */
export function phaseOf(
  gateway: string,
  pinned: string | null,
  operations: Readonly<Record<string, OperationView>>,
): Phase {
  const running = Object.values(operations).find(
    (each) => each.failover?.to === gateway && each.endedAt === null,
  );
  const operation = (pinned === null ? undefined : operations[pinned]) ?? running;
  if (operation === undefined || operation.failover?.to !== gateway) return { kind: "review" };
  return operation.endedAt === null ? { kind: "running", operation } : { kind: "over", operation };
}

/** Time between two moments of the same clock. */
export const elapsedMs = (
  operation: Pick<OperationView, "startedAt" | "endedAt">,
  now: number,
): number =>
  Math.max(
    0,
    (operation.endedAt === null ? now : Date.parse(operation.endedAt)) -
      Date.parse(operation.startedAt),
  );
