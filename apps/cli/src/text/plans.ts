import type {
  FailoverPreview,
  HostDrainPreview,
  KnownRelease,
  RolloutPlan,
  RolloutStrategy,
} from "@chela/shared/fleet/view";
import { duration } from "../terminal/duration.ts";
import { onOneLine } from "../terminal/printable.ts";
import type { Style } from "../terminal/style.ts";
import { table } from "../terminal/table.ts";
import { checkLines } from "./checks.ts";

/** Pure: what promoting would do. */
export const previewLines = (preview: FailoverPreview, style: Style): string[] => [
  ...checkLines(preview.checks, style),
  "",
  ...preview.steps.map(
    ({ name, detail, expectedMs }, at) =>
      `${at + 1}. ${name}: ${onOneLine(detail)}${expectedMs === null ? "" : style("quiet", `  about ${duration(expectedMs)}`)}`,
  ),
  "",
  onOneLine(preview.impact),
];

/** Pure: what a rollout would do, in exact order. */
export const planLines = (plan: RolloutPlan, style: Style): string[] => [
  `${style("strong", `${plan.from} → ${plan.to}`)}  ${plan.image} (${plan.changes.join(" and ") || "nothing changes"})`,
  `${strategySentence(plan.strategy)} About ${duration(plan.expectedMs)}.`,
  "",
  ...checkLines(plan.checks, style),
  "",
  ...table(
    plan.order,
    [
      { title: "BATCH", of: ({ batch }) => String(batch), right: true },
      { title: "GATEWAY", of: ({ gateway }) => gateway },
      { title: "ROLE NOW", of: ({ role }) => role },
      { title: "HOST", of: ({ host }) => host },
      { title: "VERSION NOW", of: ({ version }) => version },
    ],
    style,
  ),
];

/** Pure: what draining a host would do. */
export const drainLines = (preview: HostDrainPreview, style: Style): string[] => [
  ...checkLines(preview.checks, style),
  "",
  ...table(
    preview.gateways,
    [
      { title: "GATEWAY", of: ({ gateway }) => gateway },
      { title: "ROLE NOW", of: ({ role }) => role },
      { title: "IS", of: ({ fate }) => fate },
      { title: "GOES ON AS", of: ({ by }) => by ?? "" },
      { title: "ON", of: ({ to }) => to ?? "" },
    ],
    style,
  ),
  "",
  onOneLine(preview.impact),
];

/** Pure: releases below each other. */
export const releaseLines = (releases: readonly KnownRelease[], style: Style): string[] =>
  table(
    releases,
    [
      { title: "RELEASE", of: ({ number }) => `#${number}`, right: true },
      { title: "", of: ({ current }) => (current ? style("good", "current") : "") },
      { title: "IMAGE", of: ({ image }) => image },
      { title: "CONFIGURATION", of: ({ configHash }) => configHash.slice(0, 12) },
      { title: "MADE", of: ({ createdAt }) => createdAt },
      { title: "RUN BY", of: ({ gateways }) => gateways.join(" ") },
    ],
    style,
  );

/** Pure: a strategy in words. */
function strategySentence(strategy: RolloutStrategy): string {
  const { batchSize, maxUnavailable, order, soakMs, canary } = strategy;
  const pace =
    batchSize === 1 ? "One at a time" : `${batchSize} at a time, ${maxUnavailable} out at most`;
  const how = order === "startFirst" ? ", the new one started before the old one stops" : "";
  const stages = canary?.stages.map(({ gateways, gate }) => {
    const many = "percent" in gateways ? `${gateways.percent} %` : `${gateways.count}`;
    return `${many}, then ${gate.by === "approval" ? "approval" : duration(gate.ms)}`;
  });
  return `${pace}${how}, soak ${duration(soakMs)}.${stages === undefined ? "" : ` Canary: ${stages.join("; ")}.`}`;
}
