import { type GatewaySpec, LABEL, type OperationRef } from "@chela/shared/agent-link/schema";
import { containerName, surgeName } from "../docker/container-spec.ts";
import { carries, operationOf } from "../docker/labels.ts";
import type { ContainerView, Engine } from "../docker/port.ts";
import { AgentFault } from "../fault.ts";
import type { Journal } from "../state/journal.ts";
import { type Placement, portOf } from "./placement.ts";

export interface SurgeDeps {
  readonly engine: Engine;
  readonly fleet: string;
  readonly journal: Journal;
  readonly placement: Placement;
  readonly stopUrgently: (container: string) => Promise<void>;
}

/**
 * Start-first: a second container of a gateway, `<name>-next`, which takes the name once the old one is gone. Whose
 * name ends so is what is true; the journal only remembers that a take-over was begun. Each of these ends in the same
 * place however often it is given and wherever the agent died in between; all of them within the gateway's turn.
 */
export class Surge {
  readonly #deps: SurgeDeps;

  constructor(deps: SurgeDeps) {
    this.#deps = deps;
  }

  /** Ends with a surge container that carries this operation and step, running; or it has taken over already. */
  async start(spec: GatewaySpec, operation: OperationRef): Promise<void> {
    const { engine, placement } = this.#deps;
    await this.settle(spec.gateway);
    const { name, next } = this.#names(spec.gateway);
    const serving = await engine.inspect(name);
    if (serving !== null && carries(serving.labels, operation)) return;
    const standing = await placement.whole(next);
    if (standing !== null && carries(standing.labels, operation)) {
      if (standing.state !== "running") await engine.start(standing.id);
      return;
    }
    await placement.checkImage(spec);
    if (standing !== null) await this.#end(standing.id);
    const at = { name: next, wanted: null, taken: portOf(serving) };
    await placement.create(spec, operation, at);
  }

  /** The old container has drained and is gone, the surge one has its name. */
  async takeOver(gateway: string, operation: OperationRef): Promise<void> {
    const { engine, journal } = this.#deps;
    const { name, next } = this.#names(gateway);
    const coming = await this.#standing(gateway);
    if (coming === null) {
      const serving = await engine.inspect(name);
      if (serving !== null && operationOf(serving.labels)?.id === operation.id) return;
      throw new AgentFault(
        "NOT_FOUND",
        `${gateway} has no surge container of this operation: start it first.`,
      );
    }
    if (operationOf(coming.labels)?.id !== operation.id) {
      throw new AgentFault(
        "NOT_OURS",
        `${next} belongs to another operation: end that one, or remove its surge container.`,
      );
    }
    if (coming.state !== "running") {
      throw new AgentFault(
        "START_FAILED",
        `${next} is ${coming.state}: the old container goes on serving. Look at its log.`,
      );
    }
    await journal.noteTakeOver(gateway, operation);
    await this.settle(gateway);
  }

  /** No surge container is left. One that is all there is of the gateway stays, under the gateway's name. */
  async end(gateway: string): Promise<void> {
    const { engine, journal } = this.#deps;
    const { name } = this.#names(gateway);
    if ((await engine.inspect(name)) === null) return this.settle(gateway);
    await journal.endTakeOver(gateway);
    const standing = await this.#standing(gateway);
    if (standing !== null) await this.#end(standing.id);
  }

  /** Whether something is left to be finished here. */
  isUnsettled(gateway: string, names: ReadonlySet<string>): boolean {
    const { name, next } = this.#names(gateway);
    return names.has(next) && (this.#deps.journal.isTakingOver(gateway) || !names.has(name));
  }

  /** Finishes a take-over that was begun, and gives the name to a surge container that is all there is. */
  async settle(gateway: string): Promise<void> {
    const { engine, journal } = this.#deps;
    const { name } = this.#names(gateway);
    const coming = await this.#standing(gateway);
    if (coming === null) return journal.endTakeOver(gateway);
    const serving = await engine.inspect(name);
    if (serving !== null) {
      if (!journal.isTakingOver(gateway)) return;
      // The one that was to come has died since: what serves goes on, until it is back.
      if (coming.state !== "running" && serving.state === "running") return;
      await engine.stop(serving.id, null);
      await engine.remove(serving.id);
    }
    await engine.rename(coming.id, name);
    await journal.endTakeOver(gateway);
  }

  /** The surge container; a gateway of its own that is merely called so is none. */
  async #standing(gateway: string): Promise<ContainerView | null> {
    const view = await this.#deps.engine.inspect(this.#names(gateway).next);
    return view?.labels[LABEL.gateway] === gateway ? view : null;
  }

  async #end(container: string): Promise<void> {
    await this.#deps.stopUrgently(container);
    await this.#deps.engine.remove(container);
  }

  #names(gateway: string): { name: string; next: string } {
    const { fleet } = this.#deps;
    return { name: containerName(fleet, gateway), next: surgeName(fleet, gateway) };
  }
}
