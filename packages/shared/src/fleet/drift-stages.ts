import type { SequenceStage } from "../operation/sequence.ts";
import { type ChangeFacts, changeStages } from "./change-stages.ts";
import type { Drift } from "./drift.ts";
import { type FleetChange, fleetChange } from "./fleet-change.ts";
import type { FleetSpec } from "./spec.ts";

/** Gateways that are started anew to be what the spec says; what drifts otherwise is put right beside them. */
export function driftChange(drifts: readonly Drift[], spec: FleetSpec): FleetChange {
  const stale = new Set(
    drifts.flatMap((drift) =>
      drift.kind === "release" || drift.kind === "weight" ? [drift.gateway] : [],
    ),
  );
  return fleetChange({
    renew: spec.gateways
      .filter(({ name }) => stale.has(name))
      .map(({ name, weight }) => ({ gateway: name, weight })),
    control: drifts.some(({ kind }) => kind === "control")
      ? { mode: spec.mode, actives: spec.actives }
      : null,
  });
}

/** How drift is corrected, once it may be. What is missing, and ports, follow without an operation. */
export function driftStages(
  drifts: readonly Drift[],
  change: FleetChange,
  facts: ChangeFacts,
): SequenceStage[] {
  const stages = changeStages(change, facts);
  const edges = drifts.some(({ kind }) => kind === "edge");
  return [
    ...drifts.flatMap(strayStages),
    ...stages,
    ...(edges && !stages.some(({ name }) => name === "edges")
      ? [{ name: "edges", action: { type: "edges" as const } }]
      : []),
  ];
}

/** Nobody knows these: no edge sends to them. One that holds shards hands them over when it is stopped. */
function strayStages(drift: Drift): SequenceStage[] {
  switch (drift.kind) {
    case "stranger": {
      const { gateway, host } = drift;
      const action = { type: "remove" as const, gateway, host, drained: false };
      return [{ name: "remove", gateway, action }];
    }
    case "surge": {
      const { gateway } = drift;
      return [{ name: "unsurge", gateway, action: { type: "unsurge", gateway } }];
    }
    case "strange-edge": {
      const { edge, host } = drift;
      return [{ name: "remove-edge", action: { type: "remove-edge", edge, host } }];
    }
    default:
      return [];
  }
}
