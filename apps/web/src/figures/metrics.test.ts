import { readFileSync } from "node:fs";
import { fakeView } from "@chela/shared/fleet/testing/fake-view";
import type { OperationView } from "@chela/shared/fleet/view";
import { describe, expect, it } from "vitest";
import { ConsoleMetrics, type FleetStanding } from "./metrics.ts";

const NOW = 1_000_000;
const DOCUMENTED = readFileSync(new URL("../../../../docs/OPERATIONS.md", import.meta.url), "utf8");

const standing = (over: Partial<FleetStanding> = {}): FleetStanding => ({
  ...{ fleet: "f", view: null, agents: 0, viewers: 0, openSinceMs: null },
  ...over,
});
const metricsOf = (fleets: FleetStanding[], epoch: number | null = 7) =>
  new ConsoleMetrics({
    nowMs: () => NOW,
    fleets: () => fleets,
    epoch: () => epoch,
    records: { bytes: async () => 1, audit: async () => 2, figures: async () => 3 },
    auditIntact: () => null,
  });
const valuesOf = async (metrics: ConsoleMetrics, name: string) => {
  const metric = (await metrics.registry.getMetricsAsJSON()).find((each) => each.name === name);
  return metric?.values.map(({ value, labels }) => ({ value, ...labels }));
};
const ended = (over: Partial<OperationView> = {}): OperationView => ({
  ...{ id: "op_1", fleet: "f", kind: "failover", state: "succeeded", title: "t", steps: [] },
  ...{ outcome: "Done.", requestedBy: "x", reason: null, aborting: false, rollout: null },
  ...{ failover: null, automatic: null, edgeReloads: 0, msLeft: null },
  ...{ startedAt: "2026-11-22T10:00:00.000Z", endedAt: "2026-11-22T10:00:02.000Z" },
  ...over,
});

describe("the console's figures", () => {
  it("an operation is counted once, when it is over, however often it is told", async () => {
    const metrics = metricsOf([]);
    metrics.operation(ended({ state: "running", endedAt: null }));
    metrics.operation(ended());
    metrics.operation(ended());
    metrics.operation(ended({ id: "op_2", automatic: { cause: "gw-1 died." } }));
    expect(await valuesOf(metrics, "chela_console_operations_total")).toEqual([
      { value: 1, fleet: "f", kind: "failover", outcome: "succeeded", automatic: "false" },
      { value: 1, fleet: "f", kind: "failover", outcome: "succeeded", automatic: "true" },
    ]);
  });

  it("say of each fleet what is known of it, and nothing of one that was not looked at", async () => {
    const view = fakeView([{ name: "gw-1", release: 1, shards: 16 }], 1, NOW - 2_000);
    const fleets = [standing({ fleet: "a", view, openSinceMs: NOW - 5_000 }), standing()];
    const metrics = metricsOf(fleets);
    expect(await valuesOf(metrics, "chela_console_operation_open_seconds")).toEqual([
      { value: 5, fleet: "a" },
      { value: 0, fleet: "f" },
    ]);
    expect(await valuesOf(metrics, "chela_console_look_age_seconds")).toEqual([
      { value: 2, fleet: "a" },
    ]);
    expect(await valuesOf(metrics, "chela_console_gateways")).toEqual([
      { value: 1, fleet: "a", role: "active", health: "healthy" },
    ]);
  });

  it("a fleet that is gone is not told of any more", async () => {
    const fleets = [standing()];
    const metrics = metricsOf(fleets);
    expect(await valuesOf(metrics, "chela_console_agents_connected")).toHaveLength(1);
    fleets.pop();
    expect(await valuesOf(metrics, "chela_console_agents_connected")).toEqual([]);
  });

  it("a console that stands by says so", async () => {
    const metrics = metricsOf([], null);
    expect(await valuesOf(metrics, "chela_console_controller_acting")).toEqual([{ value: 0 }]);
  });

  it("are documented, all of them and no others", () => {
    const own = metricsOf([])
      .registry.getMetricsAsArray()
      .map(({ name }) => name)
      .filter((name) => !/^chela_console_(process|nodejs)_/.test(name));
    const documented = [...DOCUMENTED.matchAll(/^\| `(chela_console_[a-z_]+)/gm)].map(
      ([, name]) => name,
    );
    expect(documented.sort()).toEqual(own.sort());
    // Alert rules name them too.
    const named = [...DOCUMENTED.matchAll(/chela_console_[a-z_]*[a-z]/g)].map(([name]) => name);
    expect([...new Set(named)].sort()).toEqual(own.sort());
  });
});
