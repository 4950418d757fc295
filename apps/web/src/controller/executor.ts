import type { Clock } from "@chela/shared/clock/clock";
import { Refusal } from "@chela/shared/errors/refusal";
import type { Action, ActionResult, Order } from "@chela/shared/operation/action";
import type { Logger } from "pino";
import { STANDING_BY } from "./stale-controller.ts";

/** What an action may say while it cannot go on; shown as what the operation waits for. */
export type Note = (waitingFor: string | null) => void;

/** Does one action; safe to be called again with the same operation and key. Throws `NotNow` for what may pass. */
export type Act = (
  operationId: string,
  order: Order,
  context: { signal: AbortSignal; note: Note },
) => Promise<ActionResult>;

/** The host or Redis does not answer just now. */
export class NotNow extends Error {}

const AGAIN_AFTER_MS = 500;
/** How long something that does not answer is asked again before the step has failed. */
const PATIENCE_MS = 60_000;
const OTHER_PATIENCE_MS: Partial<Record<Action["type"], number>> = {
  // Redis and the edge are asked by what holds up a switch: better a clear no, soon.
  ...{ prefer: 10_000, handover: 10_000, fence: 10_000, verify: 10_000 },
  // A container has to be stopped, made and started.
  ...{ replace: 180_000, restart: 180_000, create: 180_000, remove: 180_000, move: 180_000 },
  ...{ surge: 180_000, "take-over": 180_000, unsurge: 180_000 },
  image: 600_000,
};

interface Task {
  result: ActionResult | null;
  waitingFor: string | null;
  stop: AbortController;
}

/**
 * Keeps the actions of operations going. Nothing here is persisted: after a restart the machines order again what
 * they had ordered, and every action is made for that.
 */
export class Executor {
  readonly #act: Act;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #onChange: () => void;
  readonly #onStale: () => void;
  readonly #tasks = new Map<string, Map<string, Task>>();
  /** Also those that nobody wants any more, until they have come to their end. */
  readonly #running = new Set<Promise<void>>();

  constructor(deps: {
    act: Act;
    clock: Clock;
    log: Logger;
    onChange: () => void;
    /** An order was refused because another console acts now. */
    onStale: () => void;
  }) {
    this.#act = deps.act;
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#onChange = deps.onChange;
    this.#onStale = deps.onStale;
  }

  /** Starts what is not under way yet, stops what is not wanted any more. */
  want(operationId: string, orders: readonly Order[]): void {
    const tasks = this.#tasks.get(operationId) ?? new Map<string, Task>();
    this.#tasks.set(operationId, tasks);
    for (const [key, task] of tasks) {
      if (!orders.some((order) => order.key === key)) {
        task.stop.abort();
        tasks.delete(key);
      }
    }
    for (const order of orders) {
      if (tasks.has(order.key)) continue;
      const task: Task = { result: null, waitingFor: null, stop: new AbortController() };
      tasks.set(order.key, task);
      const running = this.#run(operationId, order, task).finally(() =>
        this.#running.delete(running),
      );
      this.#running.add(running);
    }
  }

  results(operationId: string): ReadonlyMap<string, ActionResult> {
    const results = new Map<string, ActionResult>();
    for (const [key, { result }] of this.#tasks.get(operationId) ?? []) {
      if (result !== null) results.set(key, result);
    }
    return results;
  }

  waitingFor(operationId: string): string | null {
    for (const { waitingFor, result } of this.#tasks.get(operationId)?.values() ?? []) {
      if (result === null && waitingFor !== null) return waitingFor;
    }
    return null;
  }

  forget(operationId: string): void {
    for (const { stop } of this.#tasks.get(operationId)?.values() ?? []) stop.abort();
    this.#tasks.delete(operationId);
  }

  /** Stops everything; answers once nothing goes on any more. */
  async stop(): Promise<void> {
    for (const operationId of [...this.#tasks.keys()]) this.forget(operationId);
    await Promise.all(this.#running);
  }

  async #run(operationId: string, order: Order, task: Task): Promise<void> {
    const { signal } = task.stop;
    const until = this.#clock.monotonicMs() + (OTHER_PATIENCE_MS[order.action.type] ?? PATIENCE_MS);
    const note: Note = (waitingFor) => {
      if (task.waitingFor === waitingFor) return;
      task.waitingFor = waitingFor;
      this.#onChange();
    };
    while (!signal.aborted) {
      try {
        task.result = await this.#act(operationId, order, { signal, note });
        break;
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        if (isNotOurs(error)) {
          // Not the step's outcome: whoever acts now orders it again.
          this.#log.warn({ operationId, step: order.key }, message);
          const tasks = this.#tasks.get(operationId);
          if (tasks?.get(order.key) === task) tasks.delete(order.key);
          this.#onStale();
          return;
        }
        if (error instanceof Refusal) {
          task.result = { ok: false, reason: error.reason, message };
          break;
        }
        if (!(error instanceof NotNow)) {
          this.#log.error(
            { err: error, operationId, step: order.key },
            "an action failed unexpectedly",
          );
          task.result = { ok: false, reason: "fault", message };
          break;
        }
        if (this.#clock.monotonicMs() >= until) {
          task.result = { ok: false, reason: "no-answer", message };
          break;
        }
        note(message);
        await this.#clock.sleep(AGAIN_AFTER_MS, signal);
      }
    }
    if (!signal.aborted) this.#onChange();
  }
}

/** Another console acts now, as a door or this console itself has found. */
const isNotOurs = (error: unknown): boolean =>
  error instanceof Refusal && error.reason === STANDING_BY;
