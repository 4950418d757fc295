import { setImmediate as turn } from "node:timers/promises";
import { TestClock } from "@chela/shared/clock/test-clock";
import { beginFailover } from "@chela/shared/failover/plan";
import { fakeView, release } from "@chela/shared/fleet/testing/fake-view";
import type { FleetView, OperationKind } from "@chela/shared/fleet/view";
import type { ActionResult } from "@chela/shared/operation/action";
import { beginRollout } from "@chela/shared/rollout/plan";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { takeControllerLease } from "../store/controller-lease.ts";
import { OperationStore } from "../store/operations.ts";
import { type Database, openSqlite } from "../store/sqlite.ts";
import { Controller } from "./controller.ts";
import { type Act, Executor } from "./executor.ts";
import { isOver, type Machine, type Operation } from "./operation.ts";

const OPERATION = "op_1";
const ADVANCE_MS = 100;
const TURNS_MAX = 3_000;

interface Gateway {
  name: string;
  release: number;
  shards: number;
  draining: boolean;
}

/** A fleet that does what it is told, at once; and counts what was done to it. */
class FakeFleet {
  gateways: Gateway[] = [
    { name: "gw-1", release: 1, shards: 16, draining: false },
    { name: "gw-2", release: 1, shards: 0, draining: false },
    { name: "gw-3", release: 1, shards: 0, draining: false },
  ];
  generation = 1;
  preferredBy = "";
  release = 1;
  /** By gateway and label: how often a container was really replaced. */
  readonly replaced = new Map<string, number>();
  readonly labels = new Map<string, string>();
  /** Releases whose containers never become healthy. */
  readonly bad = new Set<number>();
  readonly accepting: boolean[] = [];

  view(nowMs: number): FleetView {
    return fakeView(
      this.gateways.map((gateway) => ({
        ...gateway,
        healthy: !this.bad.has(gateway.release),
      })),
      this.generation,
      nowMs,
    );
  }

  do(operationId: string, key: string, action: Parameters<Act>[1]["action"]): ActionResult {
    const ok: ActionResult = { ok: true, detail: null };
    const gateway = "gateway" in action ? this.#gateway(action.gateway) : null;
    switch (action.type) {
      case "prefer":
        if (this.preferredBy === action.ref) return ok;
        if (this.generation !== action.generation) {
          return { ok: false, reason: "superseded", message: "changed meanwhile" };
        }
        this.generation++;
        this.preferredBy = action.ref;
        return ok;
      case "handover":
      case "fence":
        for (const each of this.gateways) each.shards = each.name === action.to ? 16 : 0;
        return ok;
      case "drain":
        gateway!.draining = true;
        return ok;
      case "undrain":
        gateway!.draining = false;
        return ok;
      case "replace": {
        const label = `${operationId}/${key}`;
        if (this.labels.get(action.gateway) === label) return ok;
        if (action.drained && gateway!.shards > 0) {
          return { ok: false, reason: "holds-shards", message: "holds shards" };
        }
        this.labels.set(action.gateway, label);
        this.replaced.set(label, (this.replaced.get(label) ?? 0) + 1);
        Object.assign(gateway!, { release: action.release, draining: false });
        this.accepting.push(this.gateways.some((g) => !this.bad.has(g.release) && !g.draining));
        return ok;
      }
      case "healthy":
        return this.bad.has(gateway!.release)
          ? { ok: false, reason: "not-healthy", message: `${action.gateway} does not stay up.` }
          : ok;
      case "settle":
        this.release = action.release;
        return ok;
      default:
        return ok;
    }
  }

  #gateway(name: string): Gateway {
    return this.gateways.find((gateway) => gateway.name === name)!;
  }
}

/** Counts the places where a console can die: before and after each write and each effect. */
class Mortality {
  count = 0;
  readonly #dieAt: number;
  #die: () => void = () => {};
  constructor(dieAt: number) {
    this.#dieAt = dieAt;
  }
  whoDies(die: () => void): void {
    this.#die = die;
  }
  /** @throws where the console dies; nothing of it happens any more. */
  point(): void {
    this.count++;
    if (this.count === this.#dieAt) {
      this.#die();
      throw new Error("dead");
    }
  }
}

class World {
  readonly clock = new TestClock();
  readonly fleet = new FakeFleet();
  readonly database: Database;
  readonly store: OperationStore;
  controller!: Controller;
  dead = false;

  private constructor(database: Database) {
    this.database = database;
    this.store = new OperationStore(database);
  }

  static async make(): Promise<World> {
    return new World(await openSqlite(":memory:"));
  }

  /** Starts a console over what the store holds. */
  async start(mortality: Mortality | null): Promise<void> {
    this.dead = false;
    const stop = new AbortController();
    let alive = true;
    mortality?.whoDies(() => {
      alive = false;
      this.dead = true;
      stop.abort();
    });
    const point = () => {
      if (!alive) throw new Error("dead");
      mortality?.point();
    };
    const epoch = await takeControllerLease(this.database, "console");
    const store = this.store;
    const mortalStore = Object.assign(Object.create(store) as OperationStore, {
      save: async (operation: Operation, atEpoch: number) => {
        point();
        const saved = await store.save(operation, atEpoch);
        point();
        return saved;
      },
      create: (operation: Operation) => store.create(operation),
      open: (fleet: string) => store.open(fleet),
      get: (id: string) => store.get(id),
    });
    const executor = new Executor({
      act: async (operationId, { key, action }) => {
        point();
        if (action.type === "soak") await this.clock.sleep(action.untilMs - this.clock.wallMs());
        const result = this.fleet.do(operationId, key, action);
        point();
        return result;
      },
      clock: this.clock,
      log: pino({ level: "silent" }),
      onChange: () => {
        if (alive) this.controller.wake();
      },
    });
    this.controller = new Controller({
      clock: this.clock,
      log: pino({ level: "silent" }),
      fleet: "test",
      store: mortalStore,
      executor,
      epoch,
      view: () => this.fleet.view(this.clock.wallMs()),
      look: async () => this.fleet.view(this.clock.wallMs()),
      onChange: () => {},
    });
    await this.controller.load();
    void this.controller.run(stop.signal);
  }

  async begin(kind: OperationKind, machine: Machine): Promise<void> {
    await this.store.create({
      id: OPERATION,
      fleet: "test",
      kind,
      title: "test",
      machine,
      failover: null,
      version: 1,
      requestedBy: "test",
      reason: null,
      idempotencyKey: null,
      startedAtMs: this.clock.wallMs(),
      endedAtMs: null,
    });
  }

  /** Lets time pass until the operation is over, starting another console where one died. */
  async finish(each?: () => Promise<void>): Promise<Operation> {
    for (let turns = 0; turns < TURNS_MAX; turns++) {
      await this.clock.advance(ADVANCE_MS);
      await turn();
      await turn();
      if (this.dead) await this.start(null);
      await each?.();
      const operation = await this.store.get(OPERATION);
      if (operation && isOver(operation.machine)) return operation;
    }
    throw new Error("the operation never ended");
  }
}

async function rollout(dieAt: number, bad: number[] = []) {
  const world = await World.make();
  for (const number of bad) world.fleet.bad.add(number);
  const nowMs = world.clock.wallMs();
  await world.begin(
    "rollout",
    beginRollout(
      world.fleet.view(nowMs),
      { from: release(1), to: release(2), soakMs: 1_000, mayGoBack: true },
      nowMs,
    ),
  );
  const mortality = new Mortality(dieAt);
  await world.start(mortality);
  const operation = await world.finish();
  return { world, operation, points: mortality.count, died: mortality.count >= dieAt };
}

/** Dies at every point in turn, until there is no further one. */
async function atEveryPoint(run: (dieAt: number) => Promise<{ died: boolean }>): Promise<number> {
  for (let dieAt = 1; ; dieAt++) {
    const { died } = await run(dieAt);
    if (!died) return dieAt - 1;
  }
}

// Hundreds of runs: on a busy machine more than the usual five seconds.
const SIMULATION = { timeout: 120_000 };

describe("a console that is killed at any point", SIMULATION, () => {
  it("ends a rollout the same, with no container replaced twice and the old active last", async () => {
    const points = await atEveryPoint(async (dieAt) => {
      const { world, operation, died } = await rollout(dieAt);
      expect(operation.machine.state, `killed at ${dieAt}`).toBe("succeeded");
      expect(world.fleet.gateways.map((gateway) => gateway.release)).toEqual([2, 2, 2]);
      expect([...world.fleet.replaced.values()]).toEqual([1, 1, 1]);
      const order = [...world.fleet.replaced.keys()].map((label) => label.slice(-4));
      expect(order.at(-1)).toBe("gw-1");
      expect(world.fleet.gateways.some(({ draining }) => draining)).toBe(false);
      expect(world.fleet.release).toBe(2);
      expect(world.fleet.accepting).not.toContain(false);
      return { died };
    });
    expect(points).toBeGreaterThan(50);
  });

  it("ends a rollout to a broken image rolled back, with one gateway exposed", async () => {
    await atEveryPoint(async (dieAt) => {
      const { world, operation, died } = await rollout(dieAt, [2]);
      expect(operation.machine.state, `killed at ${dieAt}`).toBe("rolled-back");
      expect(operation.machine.outcome).toContain("does not stay up");
      expect(world.fleet.gateways.map((gateway) => gateway.release)).toEqual([1, 1, 1]);
      expect([...world.fleet.replaced.values()]).toEqual([1, 1]);
      expect(world.fleet.release).toBe(1);
      return { died };
    });
  });

  it("ends a switchover the same, with one write of the preference", async () => {
    await atEveryPoint(async (dieAt) => {
      const world = await World.make();
      const nowMs = world.clock.wallMs();
      await world.begin(
        "switchover",
        beginFailover(
          world.fleet.view(nowMs),
          { gateway: "gw-2", kind: "switchover" },
          OPERATION,
          nowMs,
        ),
      );
      const mortality = new Mortality(dieAt);
      await world.start(mortality);
      const operation = await world.finish();
      expect(operation.machine.state, `killed at ${dieAt}`).toBe("succeeded");
      expect(world.fleet.generation).toBe(2);
      expect(world.fleet.gateways.map(({ shards }) => shards)).toEqual([0, 16, 0]);
      return { died: mortality.count >= dieAt };
    });
  });
});

describe("a rollout that is aborted", SIMULATION, () => {
  it("brings every changed gateway back, wherever it stands", async () => {
    for (let after = 0; after < 80; after += 3) {
      const world = await World.make();
      const nowMs = world.clock.wallMs();
      await world.begin(
        "rollout",
        beginRollout(
          world.fleet.view(nowMs),
          { from: release(1), to: release(2), soakMs: 1_000, mayGoBack: true },
          nowMs,
        ),
      );
      await world.start(null);
      let turns = 0;
      const operation = await world.finish(async () => {
        if (turns++ !== after) return;
        await world.controller
          .steer(OPERATION, (machine) => ({ ...machine, aborting: true }))
          .catch(() => {
            // It was over already.
          });
      });
      const releases = world.fleet.gateways.map((gateway) => gateway.release);
      if (operation.machine.state === "succeeded") {
        expect(releases).toEqual([2, 2, 2]);
      } else {
        expect(operation.machine.state).toBe("aborted");
        expect(releases, `aborted after ${after}`).toEqual([1, 1, 1]);
        expect(world.fleet.release).toBe(1);
      }
      expect(world.fleet.gateways.some(({ draining }) => draining)).toBe(false);
    }
  });
});

describe("a paused console that wakes up", () => {
  it("writes nothing once another one has become controller", async () => {
    const world = await World.make();
    const nowMs = world.clock.wallMs();
    const view = world.fleet.view(nowMs);
    await world.begin(
      "switchover",
      beginFailover(view, { gateway: "gw-2", kind: "switchover" }, OPERATION, nowMs),
    );
    const old = await takeControllerLease(world.database, "console-a");
    await takeControllerLease(world.database, "console-b");
    const operation = await world.store.get(OPERATION);
    await expect(world.store.save(operation!, old)).rejects.toThrow("changed meanwhile");
  });
});
