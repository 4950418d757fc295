"use client";

import { HealthHeader } from "./health-header.tsx";
import { KeyFigures } from "./key-figures.tsx";
import { useFreshness } from "./live/live.tsx";
import { Drift } from "./spec/drift.tsx";
import { Topology } from "./topology/topology.tsx";
import { TrafficPanel } from "./traffic/traffic-panel.tsx";

/** Is it fine, who is active, where does traffic go? */
export function Overview() {
  const stale = useFreshness().kind === "stale";
  return (
    <div className={stale ? "page-live is-then" : "page-live"}>
      <HealthHeader />
      <Drift linked />
      <KeyFigures />
      <Topology />
      <TrafficPanel />
    </div>
  );
}
