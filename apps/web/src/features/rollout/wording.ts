import type { OperationView, RolloutPlan, RolloutProgress } from "@chela/shared/fleet/view";
import type { Phase } from "./lane-layout.ts";

/** Phases in words: as a column's head, and as what a gateway does now. */
export const PHASE_WORDS: Record<Phase, readonly [head: string, now: string]> = {
  switchover: ["Hand over", "hands its shards over"],
  surge: ["Start new", "starts beside its old container"],
  drain: ["Drain", "drains"],
  replace: ["Replace", "is being replaced"],
  healthy: ["Healthy", "has to become healthy"],
  "take-over": ["Take over", "is taken over by its new container"],
  back: ["Back", "comes back"],
  soak: ["Soak", "soaks"],
};

/** "0.1.0 to 0.2.0"; where only the configuration changes: "0.2.0, new configuration". */
export function titleOf(operation: OperationView): string {
  const { rollout } = operation;
  if (rollout === null) return operation.title;
  return rollout.changes.includes("image")
    ? `${rollout.from} to ${rollout.to}`
    : `${rollout.to}, ${operation.kind === "rollback" ? "earlier" : "new"} configuration`;
}

/** What a release changes, in a sentence. */
export function changesInWords({
  changes,
  from,
  to,
}: Pick<RolloutPlan | RolloutProgress, "changes" | "from" | "to">): string {
  const image = changes.includes("image");
  const configuration = changes.includes("configuration");
  if (image && configuration) return `From ${from} to ${to}, with a changed configuration.`;
  if (image) return `From ${from} to ${to}; the configuration stays.`;
  if (configuration) return `${to} stays; its configuration changes.`;
  return "Nothing changes.";
}

export const rolloutHref = (operationId: string): string =>
  `/rollouts/${encodeURIComponent(operationId)}`;
