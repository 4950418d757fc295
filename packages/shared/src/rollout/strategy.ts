import { Refusal } from "../errors/refusal.ts";
import type { CanaryStage, RolloutStrategy } from "../fleet/view.ts";

/** As callers ask for it: everything may be left out. */
export interface StrategyInput {
  batchSize?: number | undefined;
  maxUnavailable?: number | undefined;
  order?: "startFirst" | "stopFirst" | undefined;
  /** The same in one word. */
  startFirst?: boolean | undefined;
  stopFirst?: boolean | undefined;
  soakMs?: number | undefined;
  /** `true` and `{}`: one gateway, then by approval. */
  canary?: boolean | { stages?: StageInput[] | undefined } | undefined;
}
export interface StageInput {
  percent?: number | undefined;
  count?: number | undefined;
  waitMs?: number | undefined;
  approval?: boolean | undefined;
}

export const DEFAULT_SOAK_MS = 10_000;

/** Every default filled in. @throws Refusal BAD_REQUEST for what contradicts itself or the fleet. */
export function fillStrategy(
  input: StrategyInput,
  fleet: { gateways: number; floor: number },
): RolloutStrategy {
  const gateways = Math.max(1, fleet.gateways);
  const spare = gateways - fleet.floor;
  const order = orderOf(input, spare);
  const batchSize = Math.min(input.batchSize ?? 1, gateways);
  const maxUnavailable =
    input.maxUnavailable ?? (order === "startFirst" ? 0 : Math.max(1, Math.min(batchSize, spare)));
  if (order === "stopFirst") {
    if (maxUnavailable === 0) {
      refuse(
        "nothing-may-go",
        "With maxUnavailable 0 nothing can be replaced: allow 1, or start the new gateway first (startFirst).",
      );
    }
    if (spare < maxUnavailable) {
      refuse(
        "floor-would-break",
        `With ${maxUnavailable} of ${gateways} gateways out, ${Math.max(0, gateways - maxUnavailable)} would serve; the fleet's floor is ${fleet.floor}. Choose a lower maxUnavailable, or start the new gateway first (startFirst).`,
      );
    }
  }
  if (maxUnavailable > batchSize) {
    refuse(
      "max-unavailable-over-batch",
      `maxUnavailable is ${maxUnavailable}, but only ${batchSize} are changed together: choose a larger batchSize.`,
    );
  }
  return {
    batchSize,
    maxUnavailable,
    order,
    soakMs: input.soakMs ?? DEFAULT_SOAK_MS,
    canary: canaryOf(input.canary, gateways),
  };
}

/** Where no gateway can be spared, the new one has to be there first. */
function orderOf(input: StrategyInput, spare: number): RolloutStrategy["order"] {
  const asked = new Set<RolloutStrategy["order"]>(
    [
      input.order,
      input.startFirst === true ? "startFirst" : undefined,
      input.stopFirst === true ? "stopFirst" : undefined,
      input.startFirst === false ? "stopFirst" : undefined,
      input.stopFirst === false ? "startFirst" : undefined,
    ].filter((order) => order !== undefined) as RolloutStrategy["order"][],
  );
  if (asked.size > 1) {
    refuse("order-contradicts", "startFirst and stopFirst exclude each other: choose one of them.");
  }
  const [order] = asked;
  return order ?? (spare < 1 ? "startFirst" : "stopFirst");
}

function canaryOf(input: StrategyInput["canary"], gateways: number): RolloutStrategy["canary"] {
  if (input === undefined || input === false) return null;
  const stages = (input === true ? undefined : input.stages) ?? [];
  const filled = stages.length === 0 ? [stageOf({}, 1)] : stages.map((s, i) => stageOf(s, i + 1));
  let before = 0;
  for (const [index, stage] of filled.entries()) {
    const reached = stageTarget(stage, gateways);
    const falls =
      reached < before ||
      ("percent" in stage.gateways && percentBefore(filled, index) > stage.gateways.percent);
    if (falls) {
      refuse(
        "stages-falling",
        `Stage canary-${index + 1} asks for fewer gateways than the one before it: stages only grow.`,
      );
    }
    if ("count" in stage.gateways && stage.gateways.count > gateways) {
      refuse(
        "stage-too-large",
        `Stage canary-${index + 1} asks for ${stage.gateways.count} gateways; the fleet has ${gateways}.`,
      );
    }
    before = reached;
  }
  return { stages: filled };
}

function percentBefore(stages: readonly CanaryStage[], index: number): number {
  const earlier = stages[index - 1]?.gateways;
  return earlier !== undefined && "percent" in earlier ? earlier.percent : 0;
}

function stageOf({ percent, count, waitMs, approval }: StageInput, number: number): CanaryStage {
  if (percent !== undefined && count !== undefined) {
    refuse(
      "stage-size",
      `Stage canary-${number} has a percent and a count: they may differ, so give one of them.`,
    );
  }
  if (approval === true && waitMs !== undefined) {
    refuse(
      "stage-gate",
      `Stage canary-${number} asks for an approval and for a time: choose one of them.`,
    );
  }
  if (approval === false && waitMs === undefined) {
    refuse("stage-gate", `Stage canary-${number} needs a gate: waitMs, or approval: true.`);
  }
  return {
    gateways: percent === undefined ? { count: count ?? 1 } : { percent },
    gate: waitMs === undefined ? { by: "approval" } : { by: "time", ms: waitMs },
  };
}

/** How many gateways run the new release once the stage is filled. */
export function stageTarget({ gateways }: CanaryStage, total: number): number {
  return Math.min(
    total,
    "count" in gateways ? gateways.count : Math.ceil((gateways.percent / 100) * total),
  );
}

/** What an approval carries. */
export const stageName = (index: number): string => `canary-${index + 1}`;

function refuse(reason: string, message: string): never {
  throw new Refusal("BAD_REQUEST", reason, message);
}
