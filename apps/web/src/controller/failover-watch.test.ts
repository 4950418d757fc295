import type { HostEvent } from "@chela/shared/agent-link/schema";
import { systemClock } from "@chela/shared/clock/system-clock";
import type { Observation } from "@chela/shared/fleet/observation";
import type { Lease, Member } from "@chela/shared/lease/schema";
import { beginSequence } from "@chela/shared/operation/sequence";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { takeControllerLease } from "../store/controller-lease.ts";
import { HoldingsStore } from "../store/holdings.ts";
import { OperationStore } from "../store/operations.ts";
import { type Database, openSqlite } from "../store/sqlite.ts";
import { FailoverWatch } from "./failover-watch.ts";
import type { Operation } from "./operation.ts";

let database: Database;
let store: OperationStore;
let epoch: number;
let open: Operation | null;
let told: Operation[];
beforeEach(async () => {
  database = await openSqlite(":memory:");
  store = new OperationStore(database);
  epoch = await takeControllerLease(database, "c");
  open = null;
  told = [];
});
afterEach(() => database.destroy());

/** A console over the same store, as after each start. */
const start = () =>
  new FailoverWatch({
    clock: systemClock,
    log: pino({ level: "silent" }),
    fleet: "f",
    operations: store,
    holdings: new HoldingsStore(database),
    acting: { current: epoch, epoch, doubt: () => {} },
    open: () => open,
    probe: async () => ({ ok: true, detail: "edge-1 answered 5 of 5." }),
    onRecord: (operation) => told.push(operation),
  });

const lease = (holder: string, at: number): Lease => ({
  ...{ holder, incarnation: `${holder}-a`, epoch: at, beat: 1, generation: 1 },
});
const member = (name: string, nowMs: number): Member => ({
  ...{ name, incarnation: `${name}-a`, beat: 1, version: "1", weight: 1, draining: false },
  ...{ assistantUp: true, tilt: false, inFlight: 0, since: 0, at: nowMs },
});
/** Two shards of one holder; who is live. */
function look(holder: string, at: number, live: string[]): Observation {
  const nowMs = systemClock.wallMs();
  const shards = [0, 1].map((shard) => ({
    shard,
    lease: lease(holder, at),
    sessions: 0,
    backlog: 0,
  }));
  return {
    nowMs,
    redis: {
      view: { reachable: true },
      nowMs,
      control: null,
      members: live.map((name) => member(name, nowMs)),
      shards,
    },
  } as unknown as Observation;
}
const died: HostEvent = {
  ...{ at: "2026-01-01T00:00:00.000Z", kind: "container-died", gateway: "gw-1", edge: null },
  detail: "gw-1 ended with exit code 137.",
};
const both = ["gw-1", "gw-2"];
const records = async () => (await store.list({ fleet: "f", limit: 10 })).items;

describe("a failover that nobody ordered", () => {
  it("becomes an operation that is over, with cause, timeline and a probe through the edge", async () => {
    const watch = start();
    watch.look(look("gw-1", 7, both));
    watch.hear(died);
    watch.look(look("gw-2", 8, ["gw-2"]));
    await watch.settled();
    const [record] = await records();
    expect(record).toMatchObject({
      ...{ kind: "failover", requestedBy: "automatic", title: "gw-1 failed over to gw-2" },
      failover: { from: ["gw-1"], to: "gw-2" },
      automatic: { cause: "gw-1's process died (exit 137)" },
      machine: { state: "succeeded" },
    });
    expect(record?.endedAtMs).not.toBeNull();
    expect(record?.machine.steps.map(({ name, state }) => [name, state])).toEqual([
      ...[
        ["detected", "done"],
        ["fenced", "done"],
        ["taken-over", "done"],
        ["verified", "done"],
      ],
    ]);
    expect(told).toEqual([record]);
  });

  it("is written once, also by a console that starts again in the middle and sees it anew", async () => {
    const first = start();
    first.look(look("gw-1", 7, both));
    await first.settled();
    const second = start();
    second.look(look("gw-2", 8, ["gw-2"]));
    await second.settled();
    await new HoldingsStore(database).write(
      "f",
      { atMs: 1, held: { 0: lease("gw-1", 7), 1: lease("gw-1", 7) } },
      epoch,
    );
    const third = start();
    third.look(look("gw-2", 8, ["gw-2"]));
    await third.settled();
    expect(await records()).toHaveLength(1);
    expect(told).toHaveLength(1);
  });

  it("that happened while the console was away says so", async () => {
    const before = start();
    before.look(look("gw-1", 7, both));
    await before.settled();
    const after = start();
    after.look(look("gw-2", 8, ["gw-2"]));
    await after.settled();
    expect((await records())[0]?.automatic?.cause).toBe(
      "gw-1 ended or was cut off while the console was away",
    );
  });

  it("stands beside an operation that runs, and does not end it", async () => {
    const watch = start();
    watch.look(look("gw-1", 7, both));
    open = await store.create(operation("op_rollout"), epoch);
    watch.hear(died);
    watch.look(look("gw-2", 8, ["gw-2"]));
    await watch.settled();
    const [record] = (await records()).filter(({ automatic }) => automatic !== undefined);
    expect(record?.automatic?.cause).toContain("exit 137");
    expect((await store.open("f"))?.id).toBe("op_rollout");
  });
});

const operation = (id: string): Operation => ({
  id,
  ...{ fleet: "f", kind: "rollout", title: "Roll out", failover: null, version: 1 },
  machine: beginSequence([{ name: "verify", action: { type: "verify" } }], { success: "" }, 0),
  ...{ requestedBy: "me", reason: null, idempotencyKey: null, startedAtMs: 0, endedAtMs: null },
});

describe("what an operation does", () => {
  it("is not taken for a failover, also when the console was started in the middle", async () => {
    const before = start();
    before.look(look("gw-1", 7, both));
    await before.settled();
    open = await store.create(
      { ...operation("op_1"), failover: { from: ["gw-1"], to: "gw-2" } },
      epoch,
    );
    const after = start();
    after.look(look("gw-2", 8, ["gw-2"]));
    await after.settled();
    expect((await records()).map(({ id }) => id)).toEqual(["op_1"]);
  });

  it("nor what it had done before the console was away", async () => {
    const before = start();
    before.look(look("gw-1", 7, both));
    await before.settled();
    const begun = await store.create(operation("op_1"), epoch);
    const machine = { ...begun.machine, state: "succeeded" } as Operation["machine"];
    await store.save({ ...begun, machine, endedAtMs: systemClock.wallMs() + 1 }, epoch);
    const after = start();
    after.look(look("gw-2", 8, ["gw-2"]));
    await after.settled();
    expect((await records()).map(({ id }) => id)).toEqual(["op_1"]);
  });
});
