import type { CheckVerdict, JudgedFigure, Judgement } from "@chela/shared/fleet/view";
import { count, duration, percentage } from "../../ui/format.ts";
import type { Status } from "../../ui/status.tsx";

/** Pure: new against old, in words. Too little traffic is said as that: it is no success. */
const NAMES: Record<JudgedFigure["name"], string> = {
  ready: "Ready",
  restarts: "Restarts",
  "error-rate": "Error rate",
  "slow-answers": "Slow answers",
  "accept-p99": "Accept latency p99",
  "turn-failures": "Failed turns",
};

const VERDICTS: Record<JudgedFigure["verdict"], Status> = {
  pass: { tone: "pass", icon: "st-pass", word: "no worse" },
  fail: { tone: "fail", icon: "st-fail", word: "worse" },
  "not-enough": { tone: "wait", icon: "st-wait", word: "not enough traffic" },
};

export const figureInWords = (name: JudgedFigure["name"]): string => NAMES[name];

export function statusOfFigure({ name, verdict }: Pick<JudgedFigure, "name" | "verdict">): Status {
  if (name === "ready" && verdict !== "not-enough")
    return verdict === "pass"
      ? { ...VERDICTS.pass, word: "all along" }
      : { ...VERDICTS.fail, word: "not all along" };
  return VERDICTS[verdict];
}

/** With its unit; a dash where there is no figure. */
export function figureValue(name: JudgedFigure["name"], value: number | null): string {
  switch (name) {
    case "ready":
    case "restarts":
      return count(value);
    case "accept-p99":
      return duration(value);
    case "error-rate":
    case "slow-answers":
    case "turn-failures":
      // A rate that matters is far below a tenth of a percent.
      return value !== null && value > 0 && value < 0.01
        ? `${(value * 100).toFixed(2)}%`
        : percentage(value);
  }
}

/** Two numbers beside each other say more than a verdict; being ready has none. */
export const hasFigures = (figure: JudgedFigure): boolean =>
  figure.name !== "ready" && (figure.now !== null || figure.before !== null);

/** A judgement in a sentence: what is worse, else how much of it is known. */
export function judgementInWords({ gateway, verdict, checks }: Judgement): {
  tone: CheckVerdict;
  sentence: string;
} {
  if (verdict === "fail") {
    const worse = checks.filter((check) => check.verdict === "fail");
    const names = worse.map((check) => NAMES[check.name].toLowerCase()).join(" and ");
    return { tone: "fail", sentence: `${gateway} is worse: ${names || "it failed a check"}.` };
  }
  if (verdict === "not-enough") {
    return {
      tone: "warn",
      sentence: `Not enough traffic to judge ${gateway}: nothing speaks against it, nothing for it.`,
    };
  }
  return { tone: "pass", sentence: `${gateway} is no worse than the old release.` };
}

/** Latest first, one a gateway: those watched now come last in what the console tells. */
export function latestJudgements(judgements: readonly Judgement[]): Judgement[] {
  const latest = new Map(judgements.map((judgement) => [judgement.gateway, judgement]));
  return [...latest.values()].reverse();
}
