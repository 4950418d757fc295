import type { CanaryStage, RolloutStrategy } from "@chela/shared/fleet/view";
import { type StageInput, type StrategyInput, stageTarget } from "@chela/shared/rollout/strategy";

/** Pure: the strategy as it is being typed, and what of it can be asked for. */
export type StrategyKind = "one" | "batches" | "canary";

export interface StageForm {
  /** Stays with the stage while others come and go. */
  key: string;
  unit: "percent" | "count";
  amount: string;
  gate: "approval" | "time";
  waitS: string;
}

export interface StrategyForm {
  kind: StrategyKind;
  batchSize: string;
  maxUnavailable: string;
  order: RolloutStrategy["order"];
  soakS: string;
  stages: StageForm[];
}

const SECONDS_MAX = 86_400;
export const STAGES_MAX = 10;

/** What the form begins with. A gateway that is alone can't be spared: the new one comes first. */
export const firstStrategy = (gateways: number): StrategyForm => ({
  kind: "one",
  batchSize: "1",
  maxUnavailable: "1",
  order: gateways > 1 ? "stopFirst" : "startFirst",
  soakS: "10",
  stages: [{ key: "1", unit: "count", amount: "1", gate: "approval", waitS: "300" }],
});

/** Batches are of two at first; after a canary the rest goes one at a time. */
export const withKind = (form: StrategyForm, kind: StrategyKind): StrategyForm => ({
  ...form,
  kind,
  batchSize: kind === "batches" ? "2" : "1",
  maxUnavailable: "1",
});

/** One more stage, of half the fleet until something else is typed. */
export function withStage(form: StrategyForm, key: string): StrategyForm {
  return {
    ...form,
    stages: [
      ...form.stages,
      { key, unit: "percent", amount: "50", gate: "approval", waitS: "300" },
    ],
  };
}

export const withoutStage = (form: StrategyForm, key: string): StrategyForm => ({
  ...form,
  stages: form.stages.filter((stage) => stage.key !== key),
});

export const withStageChange = (
  form: StrategyForm,
  key: string,
  change: Partial<StageForm>,
): StrategyForm => ({
  ...form,
  stages: form.stages.map((stage) => (stage.key === key ? { ...stage, ...change } : stage)),
});

/** By field: `soakS`, `batchSize`, `maxUnavailable`, `<stage key>.amount`, `<stage key>.waitS`. */
export type Faults = Readonly<Record<string, string>>;

/** What is left out takes its default in the console. @param gateways how many there are to change. */
export function strategyInput(
  form: StrategyForm,
  gateways: number,
): { input: StrategyInput; faults: null } | { input: null; faults: Faults } {
  const faults: Record<string, string> = {};
  const number = (field: string, text: string, min: number, max: number, unit: string) => {
    const value = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    faults[field] = `${min} to ${max} ${unit}.`;
    return Number.NaN;
  };
  const most = Math.max(1, gateways);
  const soakMs = number("soakS", form.soakS, 0, SECONDS_MAX, "seconds") * 1_000;
  const input: StrategyInput = { soakMs, order: form.order };
  if (form.kind !== "one") {
    const batchSize = number("batchSize", form.batchSize, 1, most, "gateways");
    input.batchSize = batchSize;
    // Nobody is out where the new one is started first.
    if (form.order === "stopFirst") {
      const out = Number.isNaN(batchSize) ? most : batchSize;
      input.maxUnavailable = number("maxUnavailable", form.maxUnavailable, 1, out, "gateways");
    }
  }
  if (form.kind === "canary") {
    let before = 0;
    input.canary = {
      stages: form.stages.map((stage): StageInput => {
        const { key, unit, gate } = stage;
        const percent = unit === "percent";
        const field = `${key}.amount`;
        const amount = percent
          ? number(field, stage.amount, 1, 100, "percent")
          : number(field, stage.amount, 1, most, "gateways");
        const reached = percent ? Math.ceil((amount / 100) * most) : amount;
        if (reached <= before) faults[field] = "More than the stage before it.";
        before = Number.isNaN(reached) ? before : reached;
        return {
          ...(percent ? { percent: amount } : { count: amount }),
          ...(gate === "approval"
            ? { approval: true }
            : { waitMs: number(`${key}.waitS`, stage.waitS, 1, SECONDS_MAX, "seconds") * 1_000 }),
        };
      }),
    };
  }
  return Object.keys(faults).length > 0 ? { input: null, faults } : { input, faults: null };
}

/** "One at a time", "Batches of 2, at most 1 out", "Canary in 2 stages, then one at a time". */
export function strategyInWords(strategy: RolloutStrategy): string {
  const { batchSize, maxUnavailable, canary, order } = strategy;
  const together = batchSize > 1 ? `batches of ${batchSize}` : "one at a time";
  const rest =
    order === "startFirst"
      ? `${together}, new ones started first`
      : batchSize > 1
        ? `${together}, at most ${maxUnavailable} out`
        : together;
  const words =
    canary === null
      ? rest
      : `canary${canary.stages.length > 1 ? ` in ${canary.stages.length} stages` : ""}, then ${rest}`;
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export interface Gate {
  /** It opens once so many gateways run the new release. */
  after: number;
  by: CanaryStage["gate"];
}

/** Where a strategy waits. A stage that the whole fleet is through with holds nothing up. */
export function gatesOf(strategy: Pick<RolloutStrategy, "canary">, gateways: number): Gate[] {
  return (strategy.canary?.stages ?? []).map((stage) => ({
    after: stageTarget(stage, gateways),
    by: stage.gate,
  }));
}
