import { InvalidArgumentError } from "commander";
import { parseDuration } from "../terminal/duration.ts";

export interface StrategyOptions {
  batchSize?: number;
  maxUnavailable?: number;
  startFirst?: true;
  soak?: number;
  canary?: StageInput[];
}

/** As the control API takes it. */
type StageInput = ({ percent: number } | { count: number }) &
  ({ approval: true } | { waitMs: number });
interface StrategyInput {
  batchSize?: number;
  maxUnavailable?: number;
  order?: "startFirst";
  soakMs?: number;
  canary?: { stages: StageInput[] };
}

/** Pure: only what was asked for; the console fills in the rest. */
export function strategyOf(options: StrategyOptions): StrategyInput {
  const { batchSize, maxUnavailable, startFirst, soak, canary } = options;
  return {
    ...(batchSize !== undefined && { batchSize }),
    ...(maxUnavailable !== undefined && { maxUnavailable }),
    ...(startFirst && { order: "startFirst" as const }),
    ...(soak !== undefined && { soakMs: soak }),
    ...(canary !== undefined && { canary: { stages: canary } }),
  };
}

const WRONG =
  "Stages look like 1,25%:approve,50%:60s: a count or percent of the gateways, then `approve` (if nothing is said) or a time.";

/** Pure: `1,25%:approve,50%:60s`. @throws InvalidArgumentError */
export const parseStages = (text: string): StageInput[] => text.split(",").map(parseStage);

function parseStage(text: string): StageInput {
  const [, amount, percent, gate] = /^(\d+)(%?)(?::(.+))?$/.exec(text.trim()) ?? [];
  const many = Number(amount);
  if (amount === undefined || many < 1 || (percent === "%" && many > 100)) {
    throw new InvalidArgumentError(WRONG);
  }
  return {
    ...(percent === "%" ? { percent: many } : { count: many }),
    ...(gate === undefined || gate === "approve"
      ? { approval: true as const }
      : { waitMs: parseDuration(gate) }),
  };
}
