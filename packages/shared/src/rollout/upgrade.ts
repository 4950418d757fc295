import type { OperationState, OperationStep, Role } from "../fleet/view.ts";
import type { RolloutState } from "./state.ts";

/** A rollout as consoles kept it that changed one gateway at a time. */
interface FirstRolloutState {
  machine: "rollout";
  from: Omit<RolloutState["from"], "configHash">;
  to: Omit<RolloutState["to"], "configHash">;
  soakMs: number;
  direction: "forward" | "back";
  mayGoBack: boolean;
  cause: { kind: "abort" | "failed"; message: string } | null;
  paused: boolean;
  aborting: boolean;
  steps: OperationStep[];
  visit: number;
  touched: string[];
  done: string[];
  order: { gateway: string; host: string; role: Role }[];
  state: OperationState;
  outcome: string | null;
  startedAtMs: number;
}

/** The same object where it is of today. One that was under way then goes back: what it was about to do is not known. */
export function upgradeRollout(stored: RolloutState | FirstRolloutState): RolloutState {
  if ("lanes" in stored) return stored;
  const { soakMs, touched, from, to, ...kept } = stored;
  const isOver = stored.state !== "running" && stored.state !== "paused";
  const cut: OperationStep[] = stored.steps.map((step) =>
    step.state === "running" ? { ...step, state: "skipped" } : step,
  );
  return {
    ...kept,
    // The hashes were not kept: image ids that are the same tell that only the configuration differed.
    from: { ...from, configHash: String(from.number) },
    to: {
      ...to,
      configHash: from.imageId === to.imageId ? String(to.number) : String(from.number),
    },
    strategy: { batchSize: 1, maxUnavailable: 1, order: "stopFirst", soakMs, canary: null },
    floor: 1,
    direction: isOver ? stored.direction : "back",
    cause: isOver
      ? stored.cause && { ...stored.cause, bad: [] }
      : {
          kind: "failed",
          message: stored.cause?.message ?? "The console was updated in the middle of it.",
          bad: [],
        },
    failures: [],
    paused: isOver && stored.paused,
    phase: isOver ? { at: "over" } : { at: "batch" },
    lanes: [],
    share: { wanted: null, written: null, write: null },
    stage: 0,
    watch: null,
    judgements: [],
    waiting: null,
    steps: cut,
    replans: 0,
    changed: touched,
    drained: isOver ? [] : touched,
    surged: [],
    done: isOver ? stored.done : [],
    lost: [],
    expected: {},
  };
}
