import { setImmediate as turn } from "node:timers/promises";
import { TestClock } from "@chela/shared/clock/test-clock";
import type { OperationKind } from "@chela/shared/fleet/view";
import { pino } from "pino";
import { takeControllerLease } from "../../store/controller-lease.ts";
import { OperationStore } from "../../store/operations.ts";
import { type Database, openSqlite } from "../../store/sqlite.ts";
import { Controller } from "../controller.ts";
import { Executor } from "../executor.ts";
import { isOver, type Machine, type Operation } from "../operation.ts";
import { FakeFleet } from "./fleet.ts";

const ADVANCE_MS = 100;
const TURNS_MAX = 3_000;
/** What an action takes: long enough that lanes lie side by side. */
const ACT_MS = 60;

/** Counts the places where a console can die: before and after each write and each effect. */
export class Mortality {
  count = 0;
  readonly #dieAt: number;
  #die: () => void = () => {};
  constructor(dieAt: number) {
    this.#dieAt = dieAt;
  }
  get died(): boolean {
    return this.count >= this.#dieAt;
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

let databases: Promise<Database> | null = null;
let worlds = 0;

/** A fleet, a store and a console that can be killed; every world has a fleet and an operation of its own. */
export class World {
  readonly clock = new TestClock();
  readonly fleet = new FakeFleet();
  readonly name: string;
  readonly operationId: string;
  readonly store: OperationStore;
  controller!: Controller;
  dead = false;
  readonly #database: Database;

  private constructor(database: Database, number: number) {
    this.#database = database;
    this.store = new OperationStore(database);
    this.name = `fleet-${number}`;
    this.operationId = `op_${number}`;
  }

  static async make(): Promise<World> {
    databases ??= openSqlite(":memory:");
    return new World(await databases, worlds++);
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
    const epoch = await takeControllerLease(this.#database, "console");
    const store = this.store;
    const mortalStore = Object.assign(Object.create(store) as OperationStore, {
      save: async (operation: Operation, atEpoch: number) => {
        point();
        const saved = await store.save(operation, atEpoch);
        point();
        return saved;
      },
      create: (operation: Operation, atEpoch: number) => store.create(operation, atEpoch),
      open: (fleet: string) => store.open(fleet),
      get: (id: string) => store.get(id),
    });
    const executor = new Executor({
      act: async (operationId, { key, action }) => {
        point();
        await this.clock.sleep(ACT_MS);
        point();
        const label = `${operationId}/${key}`;
        const result = this.fleet.do(label, action, this.clock.wallMs());
        point();
        return result;
      },
      clock: this.clock,
      log: pino({ level: "silent" }),
      onChange: () => {
        if (alive) this.controller.wake();
      },
      onStale: () => {},
    });
    this.controller = new Controller({
      clock: this.clock,
      log: pino({ level: "silent" }),
      fleet: this.name,
      store: mortalStore,
      executor,
      acting: { current: epoch, epoch, doubt: () => {} },
      announce: async () => {},
      view: () => this.fleet.view(this.clock.wallMs()),
      observation: () => this.fleet.observation(this.clock.wallMs()),
      look: async () => this.fleet.view(this.clock.wallMs()),
      onChange: () => {},
    });
    await this.controller.load();
    void this.controller.run(stop.signal);
  }

  async begin(kind: OperationKind, machine: Machine): Promise<void> {
    const epoch = await takeControllerLease(this.#database, "console");
    const nowMs = this.clock.wallMs();
    await this.store.create(
      {
        id: this.operationId,
        fleet: this.name,
        ...{ kind, title: "test", machine, failover: null, version: 1, requestedBy: "test" },
        ...{ reason: null, idempotencyKey: null, startedAtMs: nowMs, endedAtMs: null },
      },
      epoch,
    );
  }

  /** Lets time pass until the operation is over, starting another console where one died. */
  async finish(each?: (operation: Operation, turns: number) => Promise<void>): Promise<Operation> {
    for (let turns = 0; turns < TURNS_MAX; turns++) {
      await this.clock.advance(ADVANCE_MS);
      await turn();
      await turn();
      if (this.dead) await this.start(null);
      const operation = await this.store.get(this.operationId);
      if (operation && isOver(operation.machine)) return operation;
      if (operation) await each?.(operation, turns);
    }
    throw new Error("the operation never ended");
  }
}

/**
 * Dies at every point in turn, until there is no further one.
 * @param stride only at every n-th, for a course whose steps another one goes through too.
 * @returns how often it died.
 */
export async function atEveryPoint(
  run: (mortality: Mortality) => Promise<unknown>,
  stride = 1,
): Promise<number> {
  for (let deaths = 0; ; deaths++) {
    const mortality = new Mortality(1 + deaths * stride);
    await run(mortality);
    if (!mortality.died) return deaths;
  }
}
