import type { LogLine } from "@chela/shared/agent-link/commands";
import {
  type GatewayObservation,
  type GatewaySpec,
  type GatewayStatus,
  LABEL,
  type OperationRef,
} from "@chela/shared/agent-link/schema";
import { containerName, surgeName } from "../docker/container-spec.ts";
import { carries } from "../docker/labels.ts";
import type { ContainerView, Engine } from "../docker/port.ts";
import { AgentFault } from "../fault.ts";
import type { Journal } from "../state/journal.ts";
import { Placement, type PlacementDeps, portOf } from "./placement.ts";
import { Surge } from "./surge.ts";
import type { Turns } from "./turns.ts";

/** From a bad gateway's stop signal to its SIGKILL: what it has not handed over by then, others take. */
const URGENT_STOP_SECONDS = 3;

export interface RunnerDeps extends PlacementDeps {
  readonly engine: Engine;
  readonly journal: Journal;
  readonly turns: Turns;
  /** The gateways that these containers are. */
  readonly observe: (views: readonly ContainerView[]) => GatewayObservation[];
  readonly setDraining: (view: ContainerView, draining: boolean) => Promise<GatewayStatus>;
  /** Asks it to leave at once: it accepts nothing more. May fail: then its stop signal comes as a surprise. */
  readonly hurryAway: (view: ContainerView) => Promise<void>;
}

/** The console's commands about gateways. Each ends in the same place however often it is given. */
export class GatewayRunner {
  readonly #deps: RunnerDeps;
  readonly #placement: Placement;
  readonly #surge: Surge;

  constructor(deps: RunnerDeps) {
    this.#deps = deps;
    this.#placement = new Placement(deps);
    this.#surge = new Surge({
      ...deps,
      placement: this.#placement,
      stopUrgently: async (id) => this.#stopUrgently(await deps.engine.inspect(id)),
    });
  }

  async list(): Promise<GatewayObservation[]> {
    return this.#deps.observe(await this.#deps.engine.list(this.#deps.fleet));
  }

  ensure(spec: GatewaySpec, operation: OperationRef | null): Promise<GatewayObservation> {
    const { engine, journal } = this.#deps;
    return this.#turn(spec.gateway, async (name) => {
      await this.#surge.settle(spec.gateway);
      const view = await this.#placement.whole(name);
      if (view === null) return this.#create(spec, operation, null);
      await this.#placement.prepare(spec);
      // Only an operation undoes what an operation did.
      if (journal.isHeld(spec.gateway) && operation === null) return this.#observed(spec.gateway);
      await journal.release(spec.gateway);
      if (view.state === "exited" || view.state === "created") await engine.start(view.id);
      return this.#observed(spec.gateway);
    });
  }

  /** `urgent`: the old one is bad. It accepts nothing more at once, and is killed if it does not hand over quickly. */
  replace(
    spec: GatewaySpec,
    operation: OperationRef,
    urgent: boolean,
  ): Promise<GatewayObservation> {
    const { engine, journal } = this.#deps;
    return this.#turn(spec.gateway, async (name) => {
      await this.#surge.settle(spec.gateway);
      const view = await this.#placement.whole(name);
      if (view !== null && carries(view.labels, operation)) {
        await journal.release(spec.gateway);
        if (view.state !== "running") await engine.start(view.id);
        return this.#observed(spec.gateway);
      }
      // Whatever can be refused is refused while the old one still runs.
      await this.#placement.checkImage(spec);
      await this.#placement.prepare(spec);
      if (view !== null) {
        if (urgent) await this.#stopUrgently(view);
        else await engine.stop(view.id, spec.stopTimeoutSeconds);
        await engine.remove(view.id);
      }
      return this.#create(spec, operation, portOf(view));
    });
  }

  /** A second container beside the one that serves, at the gateway's other port. */
  surge(spec: GatewaySpec, operation: OperationRef): Promise<GatewayObservation> {
    return this.#turn(spec.gateway, async () => {
      await this.#surge.start(spec, operation);
      return this.#observed(spec.gateway);
    });
  }

  takeOver(gateway: string, operation: OperationRef): Promise<GatewayObservation> {
    return this.#turn(gateway, async () => {
      await this.#surge.takeOver(gateway, operation);
      await this.#deps.journal.release(gateway);
      return this.#observed(gateway);
    });
  }

  unsurge(gateway: string, _operation: OperationRef): Promise<void> {
    return this.#turn(gateway, () => this.#surge.end(gateway));
  }

  isUnsettled(gateway: string, names: ReadonlySet<string>): boolean {
    return this.#surge.isUnsettled(gateway, names);
  }

  /** Finishes what a take-over left half done. */
  settle(gateway: string): Promise<void> {
    return this.#turn(gateway, () => this.#surge.settle(gateway));
  }

  drain(gateway: string, draining: boolean): Promise<GatewayStatus> {
    return this.#turn(gateway, async (name) =>
      this.#deps.setDraining(await this.#existing(name), draining),
    );
  }

  stop(gateway: string, operation: OperationRef): Promise<GatewayObservation> {
    return this.#turn(gateway, async (name) => {
      const view = await this.#existing(name);
      await this.#deps.journal.hold(gateway, operation);
      await this.#deps.engine.stop(view.id, null);
      return this.#observed(gateway);
    });
  }

  restart(gateway: string, operation: OperationRef): Promise<GatewayObservation> {
    const { engine, journal } = this.#deps;
    return this.#turn(gateway, async (name) => {
      const view = await this.#existing(name);
      const ending = journal.restartOf(gateway, operation);
      const startedAt = view.startedAt ?? "never";
      if (ending === null) await journal.noteRestart(gateway, operation, startedAt);
      await journal.release(gateway);
      const done = ending !== null && ending !== startedAt;
      if (!done) await engine.stop(view.id, null);
      if (!done || view.state !== "running") await engine.start(view.id);
      return this.#observed(gateway);
    });
  }

  remove(gateway: string): Promise<void> {
    const { engine, fleet, journal } = this.#deps;
    return this.#turn(gateway, async (name) => {
      // The surge one first: left alone it would be given the name.
      for (const each of [surgeName(fleet, gateway), name]) {
        const view = await engine.inspect(each);
        if (view === null) continue;
        await engine.stop(view.id, null);
        await engine.remove(view.id);
      }
      await journal.forget(gateway);
    });
  }

  /** `surge`: of the surge container while there is one. */
  async *logs(
    gateway: string,
    options: { tail: number; follow: boolean; surge?: boolean },
    signal: AbortSignal,
  ): AsyncGenerator<LogLine> {
    const { engine, fleet } = this.#deps;
    const next = options.surge === true ? await engine.inspect(surgeName(fleet, gateway)) : null;
    const view = next ?? (await this.#existing(containerName(fleet, gateway)));
    const { tail, follow } = options;
    yield* engine.logs(view.id, { tail, follow, since: null }, signal);
  }

  #turn<T>(gateway: string, work: (name: string) => Promise<T>): Promise<T> {
    const name = containerName(this.#deps.fleet, gateway);
    return this.#deps.turns.take(name, () => work(name));
  }

  async #create(
    spec: GatewaySpec,
    operation: OperationRef | null,
    wanted: number | null,
  ): Promise<GatewayObservation> {
    const { engine, fleet, journal } = this.#deps;
    const taken = portOf(await engine.inspect(surgeName(fleet, spec.gateway)));
    const name = containerName(fleet, spec.gateway);
    await this.#placement.create(spec, operation, { name, wanted, taken });
    await journal.release(spec.gateway);
    return this.#observed(spec.gateway);
  }

  async #stopUrgently(view: ContainerView | null): Promise<void> {
    if (view === null) return;
    if (view.state === "running") await this.#deps.hurryAway(view).catch(() => {});
    await this.#deps.engine.stop(view.id, URGENT_STOP_SECONDS);
  }

  async #existing(name: string): Promise<ContainerView> {
    const view = await this.#deps.engine.inspect(name);
    if (view === null) throw new AgentFault("NOT_FOUND", `There is no container ${name} here.`);
    return view;
  }

  async #observed(gateway: string): Promise<GatewayObservation> {
    const { engine, fleet } = this.#deps;
    const names = [containerName(fleet, gateway), surgeName(fleet, gateway)];
    const views = await Promise.all(names.map((name) => engine.inspect(name)));
    const [seen] = this.#deps.observe(
      views.filter((view) => view?.labels[LABEL.gateway] === gateway).map((view) => view!),
    );
    if (seen !== undefined) return seen;
    throw new AgentFault("NOT_FOUND", `There is no container ${names[0]} here.`);
  }
}
