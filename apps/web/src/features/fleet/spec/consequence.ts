import type { FleetDifference } from "@chela/shared/fleet/view";
import type { Status } from "../../../ui/status.tsx";

/** Pure: what a difference costs, in a word. */
const CONSEQUENCES: Record<FleetDifference["consequence"], Status> = {
  none: { tone: "pass", icon: "st-pass", word: "no traffic touched" },
  reload: { tone: "warn", icon: "st-warn", word: "reloads the edges" },
  "moves-shards": { tone: "run", icon: "swap", word: "moves sessions" },
  starts: { tone: "run", icon: "plus", word: "starts a container" },
  stops: { tone: "warn", icon: "st-warn", word: "drains and stops one" },
  replaces: { tone: "warn", icon: "st-warn", word: "drains and replaces one" },
};

export const statusOfConsequence = (consequence: FleetDifference["consequence"]): Status =>
  CONSEQUENCES[consequence];

/** Worst first: what an operator has to have read before applying. */
const ORDER: readonly FleetDifference["consequence"][] = [
  "stops",
  "replaces",
  "reload",
  "moves-shards",
  "starts",
  "none",
];

export const worstFirst = (differences: readonly FleetDifference[]): FleetDifference[] =>
  [...differences].sort((a, b) => ORDER.indexOf(a.consequence) - ORDER.indexOf(b.consequence));
