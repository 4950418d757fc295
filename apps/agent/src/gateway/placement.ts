import { type GatewaySpec, LABEL, type OperationRef } from "@chela/shared/agent-link/schema";
import {
  containerName,
  GATEWAY_SECRETS_PATH,
  gatewayContainer,
  gatewayFiles,
  type HostContext,
  surgeName,
} from "../docker/container-spec.ts";
import { numberLabel } from "../docker/labels.ts";
import type { ContainerView, Engine } from "../docker/port.ts";
import { AgentFault } from "../fault.ts";
import type { Journal } from "../state/journal.ts";
import { portCandidates } from "./ports.ts";
import { configHash } from "./secrets.ts";

const PORT_TRIES_MAX = 50;

export interface PlacementDeps {
  readonly engine: Engine;
  readonly fleet: string;
  readonly host: () => Promise<HostContext>;
  readonly journal: Journal;
  readonly adminToken: (gateway: string) => string;
  readonly isPortFree: (host: string, port: number) => Promise<boolean>;
}

/** Puts a gateway's containers onto this host, each at one of the gateway's two ports. */
export class Placement {
  readonly #deps: PlacementDeps;
  #choosing: Promise<unknown> = Promise.resolve();

  constructor(deps: PlacementDeps) {
    this.#deps = deps;
  }

  /** The container of that name, if it is whole; one whose creation was cut off is removed. */
  async whole(name: string): Promise<ContainerView | null> {
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

  /** @throws AgentFault where the specification's image is not on this host. */
  async checkImage(spec: GatewaySpec): Promise<void> {
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

  /** Makes and starts it under this name, at the one of the gateway's ports that is `wanted`, or else is not `taken`. */
  async create(
    spec: GatewaySpec,
    operation: OperationRef | null,
    at: { name: string; wanted: number | null; taken: number | null },
  ): Promise<void> {
    const { engine } = this.#deps;
    await this.checkImage(spec);
    const ports = await this.prepare(spec);
    const port = ports.find((p) => p === at.wanted) ?? ports.find((p) => p !== at.taken)!;
    const id = await engine.create(
      gatewayContainer(spec, await this.#deps.host(), {
        name: at.name,
        port,
        configHash: configHash(spec),
        operation,
      }),
    );
    try {
      await engine.putFiles(id, gatewayFiles(spec, this.#deps.adminToken(spec.gateway)));
      await engine.start(id);
    } catch (error) {
      // Nothing half made stays behind; giving the command again starts from the beginning.
      await engine.remove(id).catch(() => {});
      throw error;
    }
  }

  /**
   * The gateway's two ports, chosen where they are not yet; the same ones for good, since the edges know both. ⚑ One
   * gateway after the other: one that chooses while another still looks would find the same port free.
   */
  prepare(spec: GatewaySpec): Promise<[number, number]> {
    const chosen = this.#choosing.then(() => this.#portsOf(spec));
    this.#choosing = chosen.catch(() => {
      // Told to its caller; it must not fail the ones after it.
    });
    return chosen;
  }

  async #portsOf(spec: GatewaySpec): Promise<[number, number]> {
    const { journal, engine, fleet } = this.#deps;
    const kept = journal.portsOf(spec.gateway);
    const views = await Promise.all([
      engine.inspect(containerName(fleet, spec.gateway)),
      engine.inspect(surgeName(fleet, spec.gateway)),
    ]);
    const inUse = views.map(portOf).filter((port) => port !== null);
    const free = (other: number | null) => inUse.find((port) => port !== other);
    const port =
      spec.port ??
      kept.port ??
      free(spec.secondPort ?? kept.secondPort) ??
      (await this.#choose([]));
    const known = [spec.secondPort, kept.secondPort, free(port)];
    const other = known.find((each) => typeof each === "number" && each !== port);
    const secondPort = other ?? (await this.#choose([port]));
    await journal.keepPorts(spec.gateway, port, secondPort);
    return [port, secondPort];
  }

  async #choose(taken: readonly number[]): Promise<number> {
    const { engine, journal, isPortFree, fleet } = this.#deps;
    const { address } = await this.#deps.host();
    const labelled = (await engine.list(fleet)).map(portOf).filter((port) => port !== null);
    const promised = new Set([...journal.ports(), ...labelled, ...taken]);
    let tries = 0;
    for (const port of portCandidates(fleet, promised)) {
      if (await isPortFree(address, port)) return port;
      if (++tries === PORT_TRIES_MAX) break;
    }
    throw new AgentFault(
      "PORT_TAKEN",
      `No free port for a gateway on ${address} in ${PORT_TRIES_MAX} tries: free some between 20000 and 29999.`,
    );
  }
}

/** The port that a container was created with. */
export const portOf = (view: ContainerView | null): number | null =>
  view === null ? null : numberLabel(view.labels, LABEL.port);
