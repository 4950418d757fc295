import type { OperationView } from "@chela/shared/fleet/view";
import type { Phase } from "./lane-layout.ts";

/** Phases in words: as a column's head, and as what a gateway does now. */
export const PHASE_WORDS: Record<Phase, readonly [head: string, now: string]> = {
  switchover: ["Hand over", "hands its shards over"],
  drain: ["Drain", "drains"],
  replace: ["Replace", "is being replaced"],
  healthy: ["Healthy", "has to become healthy"],
  back: ["Back", "comes back"],
  soak: ["Soak", "soaks"],
};

/** "0.1.0 to 0.2.0". */
export const titleOf = (operation: OperationView): string =>
  operation.rollout ? `${operation.rollout.from} to ${operation.rollout.to}` : operation.title;

export const rolloutHref = (operationId: string): string =>
  `/rollouts/${encodeURIComponent(operationId)}`;
