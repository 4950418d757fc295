import { beginFailover } from "@chela/shared/failover/plan";
import { changeStages } from "@chela/shared/fleet/change-stages";
import { type FleetChange, fleetChange } from "@chela/shared/fleet/fleet-change";
import { release } from "@chela/shared/fleet/testing/fake-view";
import type { OperationKind } from "@chela/shared/fleet/view";
import { beginSequence, type SequenceStage } from "@chela/shared/operation/sequence";
import { describe, expect, it } from "vitest";
import { gatewayStages } from "../gateway-stages.ts";
import type { Machine } from "../operation.ts";
import { expectKept, SIMULATION } from "./kept.ts";
import { atEveryPoint, World } from "./world.ts";

const SEQUENCES: [string, OperationKind, (world: World) => Machine, (world: World) => void][] = [
  ...(["switchover", "failover"] as const).map((kind): (typeof SEQUENCES)[number] => [
    kind,
    kind,
    (world) => {
      const nowMs = world.clock.wallMs();
      const target = { gateway: "gw-2", kind };
      return beginFailover(world.fleet.view(nowMs), target, world.operationId, nowMs);
    },
    ({ fleet }) => {
      expect(fleet.generation).toBe(2);
      expect(fleet.gateways.map(({ shards }) => shards)).toEqual([0, 16, 0]);
    },
  ]),
  [
    "restart of a gateway",
    "gateway-restart",
    (world) => sequence(world, gatewayStages("gateway-restart", "gw-1", viewOf(world))),
    ({ fleet }) => {
      expect(fleet.effects.size).toBe(1);
      expect(fleet.gateways.some(({ draining }) => draining)).toBe(false);
    },
  ],
  [
    "drain of a gateway",
    "gateway-drain",
    (world) => sequence(world, gatewayStages("gateway-drain", "gw-2", viewOf(world))),
    ({ fleet }) =>
      expect(fleet.gateways.map(({ draining }) => draining)).toEqual([false, true, false]),
  ],
  [
    "removal of a gateway",
    "gateway-remove",
    (world) =>
      sequence(world, [
        { name: "drain", gateway: "gw-1", action: { type: "drain", gateway: "gw-1" } },
        { name: "edges", action: { type: "edges", without: ["gw-1"] } },
        {
          name: "remove",
          gateway: "gw-1",
          action: { type: "remove", gateway: "gw-1", host: "local", drained: true },
        },
        { name: "forget", gateway: "gw-1", action: { type: "forget", gateway: "gw-1" } },
      ]),
    ({ fleet }) => expect(fleet.gateways.map(({ name }) => name)).toEqual(["gw-2", "gw-3"]),
  ],
  [
    "creation of a gateway",
    "gateway-create",
    (world) =>
      sequence(world, [
        {
          name: "create",
          gateway: "gw-4",
          action: {
            ...{ type: "create", gateway: "gw-4", host: "local" },
            ...{ weight: 1, backup: false, release: 1 },
          },
        },
        {
          name: "healthy",
          gateway: "gw-4",
          action: { type: "healthy", gateway: "gw-4", release: 1, withinMs: 1_000 },
        },
        { name: "edges", action: { type: "edges" } },
      ]),
    ({ fleet }) => {
      expect(fleet.gateways.map(({ name }) => name)).toEqual(["gw-1", "gw-2", "gw-3", "gw-4"]);
      expect(fleet.effects.size).toBe(1);
    },
  ],
  [
    "application of a fleet's spec",
    "fleet-apply",
    (world) =>
      sequence(
        world,
        changed(world, {
          create: [{ gateway: "gw-4", host: "local", weight: 1, backup: false }],
          renew: [{ gateway: "gw-1", weight: 2 }],
          remove: [{ gateway: "gw-2", host: "local" }],
        }),
      ),
    ({ fleet }) => {
      expect(fleet.gateways.map(({ name }) => name)).toEqual(["gw-1", "gw-3", "gw-4"]);
      expect(fleet.gateways.some(({ draining }) => draining)).toBe(false);
      expect(fleet.effects.size).toBe(3);
    },
  ],
  [
    "drain of a host",
    "host-drain",
    (world) =>
      sequence(world, [
        { name: "cordon", action: { type: "cordon", host: "local" } },
        ...changed(world, {
          move: [{ gateway: "gw-1", from: "local", to: "host-b", weight: 1 }],
          remove: [{ gateway: "gw-3", host: "local" }],
        }),
      ]),
    ({ fleet }) => {
      expect(fleet.gateways.map(({ name }) => name)).toEqual(["gw-1", "gw-2"]);
      expect(fleet.gateways.some(({ draining }) => draining)).toBe(false);
      expect(fleet.effects.size).toBe(2);
    },
  ],
  [
    "application of the edge configuration",
    "edge-apply",
    (world) =>
      sequence(world, [
        { name: "edges", action: { type: "edges" } },
        { name: "verify", action: { type: "verify" } },
      ]),
    () => {},
  ],
];

function changed(world: World, things: Partial<FleetChange>): SequenceStage[] {
  const facts = {
    release: release(1),
    releaseOf: () => release(1),
    operationId: world.operationId,
  };
  return changeStages(fleetChange(things), { view: viewOf(world), ...facts });
}

const viewOf = (world: World) => world.fleet.view(world.clock.wallMs());
const sequence = (world: World, stages: SequenceStage[]): Machine =>
  beginSequence(stages, { success: "Done in {ms}." }, world.clock.wallMs());

describe("a console that is killed before and after every step", SIMULATION, () => {
  it.each(SEQUENCES)("of the %s: ends it the same", async (_, kind, machineOf, check) => {
    const points = await atEveryPoint(async (mortality) => {
      const world = await World.make();
      await world.begin(kind, machineOf(world));
      await world.start(mortality);
      const operation = await world.finish();
      const at = `killed at ${mortality.count}`;
      expect(operation.machine.state, at).toBe("succeeded");
      check(world);
      expectKept({ world, operation }, at);
    });
    // Before and after each write, and before, in and after each effect.
    expect(points).toBeGreaterThanOrEqual(5 * machineOf(await World.make()).steps.length);
  });
});
