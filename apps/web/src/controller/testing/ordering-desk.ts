import { TestClock } from "@chela/shared/clock/test-clock";
import type { FleetSpec } from "@chela/shared/fleet/spec";
import { ModelFleet } from "@chela/shared/fleet/testing/model-fleet";
import type { FleetView } from "@chela/shared/fleet/view";
import type { AuditNotes } from "../../audit/attempt.ts";
import { DesiredFleet } from "../../fleet/desired.ts";
import type { Actor } from "../../server/console.ts";
import type { FleetState } from "../../state/read-state.ts";
import { takeControllerLease } from "../../store/controller-lease.ts";
import { FleetStore } from "../../store/fleets.ts";
import { openSqlite } from "../../store/sqlite.ts";
import type { Machine } from "../operation.ts";
import type { Ordering } from "../ordering.ts";
import { PlanMemory } from "../plan-memory.ts";

const HOSTS = ["host-a", "host-b", "host-c"];

/** Three gateways on three hosts behind one edge; `gw-1` is active. Runs release 1. */
const SPEC: FleetSpec = {
  ...{ fleet: "f", mode: "active-standby", actives: 1, shards: 16, keyPrefix: "openclaw:" },
  ...{ release: null, reconcile: "manual", floor: 1, failoverPaused: null },
  gateways: HOSTS.map((host, index) => ({
    ...{
      name: `gw-${index + 1}`,
      host,
      port: 20_001,
      secondPort: 20_002,
      weight: 1,
      backup: false,
    },
    release: 1,
  })),
  edges: [{ name: "edge-1", host: "host-a", port: 8080, image: "chela/edge:1" }],
};

/** Where commands become operations, over a real store; what they begin is kept, and goes no further. */
export async function orderingDesk(change: Partial<FleetSpec> = {}) {
  const clock = new TestClock(1_000_000);
  const database = await openSqlite(":memory:");
  const epoch = await takeControllerLease(database, "console");
  const desired = await DesiredFleet.open(
    { ...SPEC, ...change },
    {
      store: new FleetStore(database),
      // Of the files that an operator edits nothing but this is asked for here.
      state: { gatewaySecrets: async () => ({}) } as unknown as FleetState,
      hostOf: () => undefined,
      epoch: () => epoch,
      addressOf: () => null,
    },
    clock.wallMs(),
  );
  const { number } = await desired.newRelease(
    { image: "chela/gateway:1", imageId: "sha256:1" },
    "{}",
    clock.wallMs(),
  );
  await desired.change((spec) => ({ ...spec, release: number }));
  const begun: { id: string; kind: string; title: string; machine: Machine }[] = [];
  const notes: AuditNotes = {};
  const by: Actor = { name: "mira", from: null, note: (more) => void Object.assign(notes, more) };
  const over: Partial<FleetView> = {};
  const ordering: Ordering = {
    ...{ clock, desired, plans: new PlanMemory() },
    view: async () => {
      const { mode, actives, floor, reconcile, gateways, edges } = desired.spec;
      const model = new ModelFleet(
        {
          ...{ fleet: "f", mode, actives, floor, reconcile, release: null, edges: [...edges] },
          gateways: gateways.map(({ name, host, weight, backup }) => ({
            ...{ name, host, weight, backup },
          })),
        },
        "gw-1",
      );
      return { ...model.view(HOSTS), ...over };
    },
    earlier: async ({ idempotencyKey }) =>
      idempotencyKey === "again" ? { operationId: "op_earlier" } : null,
    begin: async (operation) => {
      begun.push(operation);
      return { operationId: operation.id };
    },
  };
  const stages = () => {
    const machine = begun.at(-1)?.machine;
    if (machine?.machine !== "sequence") throw new Error("Nothing was begun.");
    return machine.stages.map(({ name, gateway }) => (gateway ? `${name} ${gateway}` : name));
  };
  return { ordering, desired, begun, notes, by, stages, over, close: () => database.destroy() };
}
