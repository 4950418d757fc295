import type { Clock } from "@chela/shared/clock/clock";
import type { Action, ActionResult, Order } from "@chela/shared/operation/action";
import type { Logger } from "pino";

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
const PATIENCE_MS: Record<Action["type"], number> = {
  prefer: 10_000,
  handover: 10_000,
  fence: 10_000,
  verify: 10_000,
  image: 10 * 60_000,
  drain: 60_000,
  undrain: 60_000,
  replace: 3 * 60_000,
  restart: 3 * 60_000,
  healthy: 60_000,
  soak: 60_000,
  settle: 60_000,
  create: 3 * 60_000,
  forget: 60_000,
  remove: 3 * 60_000,
  edges: 60_000,
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
  readonly #tasks = new Map<string, Map<string, Task>>();

  constructor(deps: { act: Act; clock: Clock; log: Logger; onChange: () => void }) {
    this.#act = deps.act;
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#onChange = deps.onChange;
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
      void this.#run(operationId, order, task);
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

  async #run(operationId: string, order: Order, task: Task): Promise<void> {
    const { signal } = task.stop;
    const until = this.#clock.monotonicMs() + PATIENCE_MS[order.action.type];
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
