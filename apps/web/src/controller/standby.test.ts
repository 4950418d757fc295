import { TestClock } from "@chela/shared/clock/test-clock";
import { fakeView } from "@chela/shared/fleet/testing/fake-view";
import { beginSequence } from "@chela/shared/operation/sequence";
import { pino } from "pino";
import { afterEach, beforeEach, expect, it } from "vitest";
import { takeControllerLease } from "../store/controller-lease.ts";
import { OperationStore } from "../store/operations.ts";
import { type Database, openSqlite } from "../store/sqlite.ts";
import { Controller } from "./controller.ts";
import { Executor } from "./executor.ts";
import type { Operation } from "./operation.ts";

let database: Database;
let store: OperationStore;
let clock: TestClock;
let stop: AbortController;
const running: Promise<void>[] = [];
beforeEach(async () => {
  database = await openSqlite(":memory:");
  store = new OperationStore(database);
  clock = new TestClock();
  stop = new AbortController();
});
afterEach(async () => {
  stop.abort();
  await Promise.all(running.splice(0));
  await database.destroy();
});

const operation: Operation = {
  ...{ id: "op_1", fleet: "test", kind: "edge-apply", title: "Apply", failover: null, version: 1 },
  machine: beginSequence(
    [
      { name: "edges", action: { type: "edges" } },
      { name: "verify", action: { type: "verify" } },
    ],
    { success: "Done." },
    0,
  ),
  ...{ requestedBy: "me", reason: null, idempotencyKey: null, startedAtMs: 0, endedAtMs: null },
};

/** A console: what it has ordered, and whether it acts. */
function startConsole(epoch: number | null) {
  const acting = {
    current: epoch,
    get epoch(): number {
      if (this.current === null) throw new Error("stands by");
      return this.current;
    },
    doubts: 0,
    doubt() {
      this.doubts++;
    },
  };
  const ordered: string[] = [];
  let announced = 0;
  /** Actions end when the test says so. */
  let finish = () => {};
  const executor: Executor = new Executor({
    act: async (_, { action }, { signal }) => {
      ordered.push(action.type);
      await new Promise<void>((resolve) => {
        finish = resolve;
        signal.addEventListener("abort", () => resolve());
      });
      return { ok: true, detail: null };
    },
    clock,
    log: pino({ level: "silent" }),
    onChange: () => controller.wake(),
    onStale: () => acting.doubt(),
  });
  const view = fakeView([{ name: "gw-1", release: 1, shards: 16 }]);
  const controller: Controller = new Controller({
    clock,
    log: pino({ level: "silent" }),
    fleet: "test",
    store,
    executor,
    acting,
    announce: async () => {
      announced++;
    },
    view: () => view,
    observation: () => null,
    look: async () => view,
    onChange: () => {},
  });
  running.push(controller.run(stop.signal));
  return { acting, controller, ordered, finish: () => finish(), announced: () => announced };
}

const passes = (until: () => boolean) =>
  expect
    .poll(
      async () => {
        await clock.advance(250);
        return until();
      },
      { interval: 1 },
    )
    .toBe(true);

it("a console that stands by shows the operation, orders nothing, and goes on once it acts", async () => {
  const first = await takeControllerLease(database, "console-a");
  await store.create(operation, first);
  const standing = startConsole(null);
  await passes(() => standing.controller.open?.id === "op_1");
  expect(standing.ordered).toEqual([]);
  expect(standing.announced()).toBe(0);
  standing.acting.current = await takeControllerLease(database, "console-b");
  await passes(() => standing.ordered.length === 1);
  expect(standing.announced()).toBe(1);
  standing.finish();
  await passes(() => standing.ordered.length === 2);
  standing.finish();
  await passes(() => standing.controller.open === null);
  expect((await store.get("op_1"))?.machine.state).toBe("succeeded");
});

it("one that was superseded while it was paused changes nothing more, and stops what it had begun", async () => {
  const acting = startConsole(await takeControllerLease(database, "console-a"));
  await acting.controller.start(operation);
  await passes(() => acting.ordered.length === 1);
  const other = startConsole(await takeControllerLease(database, "console-b"));
  await passes(() => other.ordered.length === 1);
  // What it had begun ends well, but its own record of that is refused.
  acting.finish();
  await passes(() => acting.acting.doubts > 0);
  acting.acting.current = null;
  await passes(() => acting.controller.open?.id === "op_1");
  expect(acting.ordered).toEqual(["edges"]);
  expect((await store.get("op_1"))?.version).toBe(1);
  await expect(acting.controller.start({ ...operation, id: "op_2" })).rejects.toThrow("stands by");
  other.finish();
  await passes(() => other.ordered.length === 2);
});
