import type { JudgedFigure, Judgement } from "@chela/shared/fleet/view";
import { describe, expect, it } from "vitest";
import {
  figureValue,
  hasFigures,
  judgementInWords,
  latestJudgements,
  statusOfFigure,
} from "./judgement.ts";

const figure = (
  name: JudgedFigure["name"],
  verdict: JudgedFigure["verdict"],
  now: number | null = null,
): JudgedFigure => ({ name, verdict, now, before: null, detail: "" });
const judgement = (
  gateway: string,
  verdict: Judgement["verdict"],
  checks: JudgedFigure[] = [],
): Judgement => ({ gateway, verdict, windowMs: 10_000, checks });

describe("new against old in words", () => {
  it("never calls too little traffic a success", () => {
    const { tone, sentence } = judgementInWords(judgement("gw-2", "not-enough"));
    expect(tone).toBe("warn");
    expect(sentence).toContain("Not enough traffic to judge gw-2");
    expect(statusOfFigure(figure("error-rate", "not-enough")).tone).toBe("wait");
  });

  it("names what is worse", () => {
    const checks = [figure("ready", "pass"), figure("error-rate", "fail", 0.1)];
    expect(judgementInWords(judgement("gw-2", "fail", checks)).sentence).toBe(
      "gw-2 is worse: error rate.",
    );
  });

  it("gives each figure its unit", () => {
    expect([
      figureValue("error-rate", 0.0002),
      figureValue("error-rate", 0.084),
      figureValue("accept-p99", 39),
      figureValue("restarts", 2),
      figureValue("turn-failures", null),
    ]).toEqual(["0.02%", "8.4%", "39 ms", "2", "–"]);
    expect(hasFigures(figure("ready", "pass", 1))).toBe(false);
  });

  it("shows the last judgement of each gateway, the one watched now first", () => {
    const told = [judgement("gw-2", "pass"), judgement("gw-3", "pass"), judgement("gw-2", "fail")];
    expect(latestJudgements(told).map(({ gateway, verdict }) => [gateway, verdict])).toEqual([
      ["gw-3", "pass"],
      ["gw-2", "fail"],
    ]);
  });
});
