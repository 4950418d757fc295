import type { LogLine } from "@chela/shared/agent-link/commands";
import {
  type GatewayObservation,
  type GatewaySpec,
  type GatewayStatus,
  LABEL,
  type OperationRef,
} from "@chela/shared/agent-link/schema";
import {
  containerName,
  GATEWAY_SECRETS_PATH,
  gatewayContainer,
  gatewayFiles,
  type HostContext,
} from "../docker/container-spec.ts";
import { carries, numberLabel } from "../docker/labels.ts";
import type { ContainerView, Engine } from "../docker/port.ts";
import { AgentFault } from "../fault.ts";
import type { Journal } from "../state/journal.ts";
import { portCandidates } from "./ports.ts";
import { configHash } from "./secrets.ts";
import type { Turns } from "./turns.ts";

const PORT_TRIES_MAX = 50;

export interface RunnerDeps {
  readonly engine: Engine;
  readonly fleet: string;
  readonly host: () => Promise<HostContext>;
  readonly journal: Journal;
  readonly turns: Turns;
  readonly adminToken: (gateway: string) => string;
  readonly isPortFree: (host: string, port: number) => Promise<boolean>;
  readonly observe: (view: ContainerView) => GatewayObservation;
  readonly setDraining: (view: ContainerView, draining: boolean) => Promise<GatewayStatus>;
}

/** The console's commands about gateways. Each ends in the same place however often it is given. */
export class GatewayRunner {
  readonly #deps: RunnerDeps;

  constructor(deps: RunnerDeps) {
    this.#deps = deps;
  }

  async list(): Promise<GatewayObservation[]> {
    const views = await this.#deps.engine.list(this.#deps.fleet);
    return views.filter((view) => view.labels[LABEL.gateway] !== undefined).map(this.#deps.observe);
  }

  ensure(spec: GatewaySpec, operation: OperationRef | null): Promise<GatewayObservation> {
    const { engine, journal } = this.#deps;
    return this.#turn(spec.gateway, async (name) => {
      const view = await this.#prepared(name);
      if (view === null) return this.#create(spec, operation, null);
      // Only an operation undoes what an operation did.
      if (journal.isHeld(spec.gateway) && operation === null) return this.#deps.observe(view);
      await journal.release(spec.gateway);
      if (view.state === "exited" || view.state === "created") await engine.start(view.id);
      return this.#observed(name);
    });
  }

  replace(spec: GatewaySpec, operation: OperationRef): Promise<GatewayObservation> {
    const { engine, journal } = this.#deps;
    return this.#turn(spec.gateway, async (name) => {
      const view = await this.#prepared(name);
      if (view !== null && carries(view.labels, operation)) {
        await journal.release(spec.gateway);
        if (view.state !== "running") await engine.start(view.id);
        return this.#observed(name);
      }
      // Whatever can be refused is refused while the old one still runs.
      await this.#checkImage(spec);
      const port = view === null ? null : numberLabel(view.labels, LABEL.port);
      if (port !== null) await journal.keepPort(spec.gateway, port);
      if (view !== null) {
        await engine.stop(view.id, spec.stopTimeoutSeconds);
        await engine.remove(view.id);
      }
      return this.#create(spec, operation, port);
    });
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
      return this.#observed(name);
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
      return this.#observed(name);
    });
  }

  remove(gateway: string): Promise<void> {
    return this.#turn(gateway, async (name) => {
      const view = await this.#deps.engine.inspect(name);
      if (view !== null) {
        await this.#deps.engine.stop(view.id, null);
        await this.#deps.engine.remove(view.id);
      }
      await this.#deps.journal.forget(gateway);
    });
  }

  async *logs(
    gateway: string,
    options: { tail: number; follow: boolean },
    signal: AbortSignal,
  ): AsyncGenerator<LogLine> {
    const view = await this.#existing(containerName(this.#deps.fleet, gateway));
    yield* this.#deps.engine.logs(view.id, { ...options, since: null }, signal);
  }

  #turn<T>(gateway: string, work: (name: string) => Promise<T>): Promise<T> {
    const name = containerName(this.#deps.fleet, gateway);
    return this.#deps.turns.take(name, () => work(name));
  }

  /** The container, if it is whole; one whose creation was cut off is removed. */
  async #prepared(name: string): Promise<ContainerView | null> {
    const { engine } = this.#deps;
    const view = await engine.inspect(name);
    if (view === null) return null;
    const whole =
      view.state === "created"
        ? (await engine.findFile(view.id, GATEWAY_SECRETS_PATH)) !== null
        : view.state !== "dead" && view.state !== "removing";
    if (whole) return view;
    await engine.remove(view.id);
    return null;
  }

  async #create(
    spec: GatewaySpec,
    operation: OperationRef | null,
    oldPort: number | null,
  ): Promise<GatewayObservation> {
    const { engine, journal } = this.#deps;
    await this.#checkImage(spec);
    const host = await this.#deps.host();
    const port =
      spec.port ?? oldPort ?? journal.port(spec.gateway) ?? (await this.#choosePort(host));
    await journal.keepPort(spec.gateway, port);
    const id = await engine.create(
      gatewayContainer(spec, host, { port, configHash: configHash(spec), operation }),
    );
    try {
      await engine.putFiles(id, gatewayFiles(spec, this.#deps.adminToken(spec.gateway)));
      await engine.start(id);
    } catch (error) {
      // Nothing half made stays behind; giving the command again starts from the beginning.
      await engine.remove(id).catch(() => {});
      throw error;
    }
    await journal.release(spec.gateway);
    return this.#observed(containerName(host.fleet, spec.gateway));
  }

  async #checkImage(spec: GatewaySpec): Promise<void> {
    const image = await this.#deps.engine.image(spec.image);
    if (image === null) {
      throw new AgentFault(
        "IMAGE_MISSING",
        `${spec.image} is not on this host: pull it, or send it there.`,
      );
    }
    if (image.id !== spec.imageId) {
      throw new AgentFault(
        "IMAGE_MISMATCH",
        `${spec.image} is ${image.id} on this host, not ${spec.imageId}: send the release's image there.`,
      );
    }
  }

  async #choosePort(host: HostContext): Promise<number> {
    const { engine, journal, isPortFree } = this.#deps;
    const labelled = (await engine.list(host.fleet)).map((view) =>
      numberLabel(view.labels, LABEL.port),
    );
    const promised = new Set([...journal.ports(), ...labelled.filter((port) => port !== null)]);
    let tries = 0;
    for (const port of portCandidates(host.fleet, promised)) {
      if (await isPortFree(host.address, port)) return port;
      if (++tries === PORT_TRIES_MAX) break;
    }
    throw new AgentFault(
      "PORT_TAKEN",
      `No free port for a gateway on ${host.address} in ${PORT_TRIES_MAX} tries: free some between 20000 and 29999.`,
    );
  }

  async #existing(name: string): Promise<ContainerView> {
    const view = await this.#deps.engine.inspect(name);
    if (view === null) throw new AgentFault("NOT_FOUND", `There is no container ${name} here.`);
    return view;
  }

  async #observed(name: string): Promise<GatewayObservation> {
    return this.#deps.observe(await this.#existing(name));
  }
}
