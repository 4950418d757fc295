import type { Clock } from "@chela/shared/clock/clock";
import { Refusal } from "@chela/shared/errors/refusal";
import { preferring } from "@chela/shared/failover/plan";
import type { Observation } from "@chela/shared/fleet/observation";
import type { FleetView, OperationView } from "@chela/shared/fleet/view";
import type { Order } from "@chela/shared/operation/action";
import { advanceSequence, sequenceOrders } from "@chela/shared/operation/sequence";
import { rolloutFacts } from "@chela/shared/rollout/facts";
import { rolloutOrders } from "@chela/shared/rollout/orders";
import { advanceRollout } from "@chela/shared/rollout/transition";
import type { Logger } from "pino";
import { type OperationStore, OtherOperation, StaleWrite } from "../store/operations.ts";
import type { Acting } from "./acting.ts";
import type { Executor } from "./executor.ts";
import { isOver, type Machine, type Operation } from "./operation.ts";
import { operationView } from "./operation-view.ts";
import { reloadsOf, withReloads } from "./reloads.ts";
import { StaleController } from "./stale-controller.ts";

const LOOK_EVERY_MS = 250;
const STEPS_AT_ONCE_MAX = 50;

export interface ControllerDeps {
  clock: Clock;
  log: Logger;
  fleet: string;
  store: OperationStore;
  executor: Executor;
  acting: Pick<Acting, "current" | "epoch" | "doubt">;
  /** Tells Redis and agents that this controller acts; throws where they cannot be told now. */
  announce(): Promise<void>;
  /** The last look at the fleet; null before the first. */
  view(): FleetView | null;
  /** What it was made from, with the figures that a new release is judged by. */
  observation(): Observation | null;
  /** A look from now. */
  look(): Promise<FleetView>;
  onChange(operation: Operation, view: OperationView): void;
}

/**
 * observe → transition → persist → act, again and again, for the one operation of the fleet that is not over.
 * The state is on disk before anything that follows from it is ordered.
 */
export class Controller {
  readonly #deps: ControllerDeps;
  #open: Operation | null = null;
  #wake = new AbortController();
  #woken = false;
  /** Epoch under which it goes on; null: it stands by. */
  #epoch: number | null = null;
  #announced: "no" | "asking" | "yes" = "no";
  /** Transitions and commands take turns. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(deps: ControllerDeps) {
    this.#deps = deps;
  }

  /** The operation that is not over. */
  get open(): Operation | null {
    return this.#open;
  }

  wake(): void {
    this.#woken = true;
    this.#wake.abort();
  }

  view(operation: Operation): OperationView {
    const current = this.#open?.id === operation.id ? this.#open : operation;
    return operationView(
      current,
      this.#deps.view(),
      this.#deps.executor.waitingFor(current.id),
      this.#deps.observation(),
    );
  }

  /** What an earlier start, or another console, has left; shown also where this one stands by. */
  async load(): Promise<void> {
    this.#open = await this.#deps.store.open(this.#deps.fleet);
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#woken = false;
      this.#wake = new AbortController();
      await this.#inTurn(() => this.#tick()).catch((error) =>
        this.#deps.log.error({ err: error }, "an operation could not go on"),
      );
      if (!this.#woken) {
        await this.#deps.clock.sleep(LOOK_EVERY_MS, AbortSignal.any([signal, this.#wake.signal]));
      }
    }
  }

  /**
   * @returns the operation that now runs, or the earlier one with the same idempotency key.
   * @throws Refusal CONFLICT where another one is not over.
   */
  async start(operation: Operation): Promise<Operation> {
    return this.#inTurn(async () => {
      try {
        const stored = await this.#deps.store.create(
          { ...operation, reloads: { before: reloadsOf(this.#deps.view()), during: null } },
          this.#deps.acting.epoch,
        );
        if (stored.id === operation.id) {
          this.#open = stored;
          this.#tell(stored);
          this.wake();
        }
        return stored;
      } catch (error) {
        if (error instanceof OtherOperation) throw busy(error.operation);
        if (error instanceof StaleController) this.#deps.acting.doubt();
        throw error;
      }
    });
  }

  /** Changes the machine of an operation that is not over. `change` may throw a Refusal. */
  async steer(operationId: string, change: (machine: Machine) => Machine): Promise<Operation> {
    return this.#inTurn(async () => {
      const open = this.#open;
      if (open === null || open.id !== operationId) {
        const known = await this.#deps.store.get(operationId);
        throw known === null
          ? new Refusal("NOT_FOUND", "no-such-operation", `There is no operation ${operationId}.`)
          : new Refusal("CONFLICT", "operation-over", `${known.title} is over already.`);
      }
      const saved = await this.#save(open, change(open.machine));
      this.wake();
      return saved;
    });
  }

  async #tick(): Promise<void> {
    if (!(await this.#acts())) return;
    const open = this.#open;
    if (open === null) return;
    const view = await this.#viewFor(open);
    if (view === null) return;
    let operation = open;
    for (let step = 0; step < STEPS_AT_ONCE_MAX; step++) {
      const machine = this.#advance(operation, view);
      if (machine === operation.machine) break;
      operation = await this.#save(operation, machine);
      if (isOver(machine)) {
        this.#deps.executor.forget(operation.id);
        return;
      }
    }
    this.#deps.executor.want(operation.id, ordersOf(operation, view));
    this.#tellWaiting(operation);
  }

  /** Takes up what stands in the store whenever it begins to act; until then it only reads along. */
  async #acts(): Promise<boolean> {
    const { acting, log, store, fleet, executor } = this.#deps;
    const epoch = acting.current;
    if (epoch === null) {
      if (this.#epoch !== null) void executor.stop();
      this.#epoch = null;
      this.#open = await store.open(fleet);
      return false;
    }
    if (epoch !== this.#epoch) {
      this.#open = await store.open(fleet);
      this.#epoch = epoch;
      this.#announced = "no";
      if (this.#open) log.info({ operation: this.#open.id, epoch }, "going on with an operation");
    }
    // Not waited for: an agent that is silent must not hold up what Redis and the other agents can do.
    if (this.#announced === "no") void this.#announce();
    return true;
  }

  async #announce(): Promise<void> {
    const { acting, announce, log } = this.#deps;
    this.#announced = "asking";
    try {
      await announce();
      this.#announced = "yes";
    } catch (error) {
      this.#announced = "no";
      if (error instanceof StaleController) acting.doubt();
      // Every order carries the epoch too: whoever is not told now is told by the first of them.
      log.debug({ err: error }, "could not announce this controller everywhere yet");
    }
  }

  /** After an action, what comes next is decided from a look that saw its effect, not from the one before. */
  async #viewFor(operation: Operation): Promise<FleetView | null> {
    if (this.#deps.executor.results(operation.id).size === 0) return this.#deps.view();
    return this.#deps.look().catch(() => this.#deps.view());
  }

  #advance(operation: Operation, view: FleetView): Machine {
    const { machine } = operation;
    const results = this.#deps.executor.results(operation.id);
    const nowMs = this.#deps.clock.wallMs();
    return machine.machine === "sequence"
      ? advanceSequence(machine, results, nowMs)
      : advanceRollout(machine, rolloutFacts(view, this.#deps.observation()), results, nowMs);
  }

  async #save(operation: Operation, machine: Machine): Promise<Operation> {
    const over = isOver(machine);
    const endedAtMs = over ? this.#deps.clock.wallMs() : null;
    const next = { ...operation, machine, endedAtMs };
    try {
      const saved = await this.#deps.store.save(
        over ? withReloads(next, reloadsOf(this.#deps.view())) : next,
        this.#deps.acting.epoch,
      );
      this.#open = endedAtMs === null ? saved : null;
      this.#tell(saved);
      return saved;
    } catch (error) {
      // Another console acts now: read what it made of it, and order nothing from what we thought.
      if (error instanceof StaleWrite) {
        this.#deps.acting.doubt();
        this.#open = await this.#deps.store.open(this.#deps.fleet);
      }
      throw error;
    }
  }

  #told = "";
  #tell(operation: Operation): void {
    const view = operationView(
      operation,
      this.#deps.view(),
      this.#deps.executor.waitingFor(operation.id),
      this.#deps.observation(),
    );
    this.#told = JSON.stringify(view);
    this.#deps.onChange(operation, view);
  }

  /** What it waits for, and who comes next, may change without a transition. */
  #tellWaiting(operation: Operation): void {
    if (JSON.stringify(this.view(operation)) !== this.#told) this.#tell(operation);
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work, work);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }
}

function ordersOf({ id, machine }: Operation, view: FleetView): Order[] {
  return machine.machine === "sequence"
    ? sequenceOrders(machine)
    : rolloutOrders(machine, id, (to) => preferring(view, to));
}

const busy = (operation: Operation) =>
  new Refusal(
    "CONFLICT",
    "operation-running",
    `${operation.title} is running (${operation.id}): wait until it is over, or abort it.`,
  );
