import { createHash } from "node:crypto";
import type {
  EdgeObservation,
  EdgeSpec,
  GatewayObservation,
  GatewaySpec,
} from "@chela/shared/agent-link/schema";
import { renderNginx } from "@chela/shared/edge/nginx";
import { DEFAULT_TLS_PORT, type EdgeUpstream } from "@chela/shared/edge/schema";
import type { FleetSpec, GatewayWish } from "@chela/shared/fleet/spec";
import type { ReleaseView } from "@chela/shared/fleet/view";
import type { FleetState } from "../state/read-state.ts";
import { type FleetStore, type Release, releaseView } from "../store/fleets.ts";
import type { HostRecord } from "../store/hosts.ts";

/** Longer than a gateway takes at most to finish its turns after SIGTERM, so that it is never cut short. */
const STOP_SECONDS = 40;

/** Several times what a busy gateway needs: a leak ends this container, not its neighbours. */
const MEMORY_BYTES = 1024 * 1024 * 1024;

export const textHash = (text: string): string => createHash("sha256").update(text).digest("hex");

export interface DesiredDeps {
  store: FleetStore;
  state: FleetState;
  hostOf(name: string): HostRecord | undefined;
  /** Of the controller; throws where this console stands by. */
  epoch(): number;
  /** Address under which a host's published ports are reached; null while its agent has not said. */
  addressOf(host: string): string | null;
}

/** What the fleet shall be, and the texts that follow from it. Changed by operations, and by a fleet's first start. */
export class DesiredFleet {
  readonly #deps: DesiredDeps;
  #spec: FleetSpec;
  #release: Release | null;
  #changing: Promise<unknown> = Promise.resolve();
  /** What each edge was last given, under the hash by which its agent calls it. */
  readonly #applied = new Map<string, { text: string; configHash: string | null }>();

  private constructor(deps: DesiredDeps, spec: FleetSpec, release: Release | null) {
    this.#deps = deps;
    this.#spec = spec;
    this.#release = release;
  }

  static async open(first: FleetSpec, deps: DesiredDeps, nowMs: number): Promise<DesiredFleet> {
    const spec = await deps.store.ensure(first, nowMs);
    const release =
      spec.release === null ? null : await deps.store.release(spec.fleet, spec.release);
    return new DesiredFleet(deps, spec, release);
  }

  get spec(): FleetSpec {
    return this.#spec;
  }

  /** The release that the whole fleet shall run; null until a first one was made. */
  get release(): Release | null {
    return this.#release;
  }

  get releaseView(): ReleaseView | null {
    return this.#release && releaseView(this.#release);
  }

  gateway(name: string): GatewayWish | undefined {
    return this.#spec.gateways.find((wish) => wish.name === name);
  }

  findRelease(number: number): Promise<Release | null> {
    return this.#deps.store.release(this.#spec.fleet, number);
  }

  /** Newest first, see FleetStore.releases. */
  releases(before: number | null, limit: number): Promise<Release[]> {
    return this.#deps.store.releases(this.#spec.fleet, before, limit);
  }

  /** One change after the other, each on disk before it counts. */
  change(make: (spec: FleetSpec) => FleetSpec): Promise<void> {
    const mine = this.#changing.then(async () => {
      const next = make(this.#spec);
      await this.#deps.store.save(next, this.#deps.epoch());
      if (next.release !== this.#spec.release && next.release !== null) {
        this.#release = await this.#deps.store.release(next.fleet, next.release);
      }
      this.#spec = next;
    });
    this.#changing = mine.catch(() => undefined);
    return mine;
  }

  changeGateway(name: string, change: Partial<GatewayWish>): Promise<void> {
    return this.change((spec) => ({
      ...spec,
      gateways: spec.gateways.map((wish) => (wish.name === name ? { ...wish, ...change } : wish)),
    }));
  }

  /** The ports that an agent has chosen for a gateway, or chosen anew; the edges know both. */
  async keepPorts(gateway: string, { ports }: Pick<GatewayObservation, "ports">): Promise<void> {
    const wish = this.gateway(gateway);
    const [port = null, secondPort = null] = ports;
    if (wish === undefined || port === null) return;
    if (wish.port !== port || wish.secondPort !== secondPort) {
      await this.changeGateway(gateway, { port, secondPort });
    }
  }

  /** A release of an image that was found, with the configuration as the state directory holds it now, or as given. */
  async newRelease(
    image: { image: string; imageId: string },
    config: string | undefined,
    nowMs: number,
  ): Promise<Release> {
    const text = config ?? (await this.#deps.state.gatewayConfig());
    const release = {
      ...{ fleet: this.#spec.fleet, ...image },
      ...{ config: text, configHash: textHash(text), createdAtMs: nowMs },
    };
    return this.#deps.store.addRelease(release, this.#deps.epoch());
  }

  currentConfig(): Promise<string> {
    return this.#deps.state.gatewayConfig();
  }

  /** @throws Error where gateway or release are unknown. */
  async gatewaySpec(name: string, releaseNumber: number): Promise<GatewaySpec> {
    const wish = this.gateway(name);
    const release = await this.findRelease(releaseNumber);
    if (wish === undefined || release === null) {
      throw new Error(`There is no gateway ${name} or no release ${releaseNumber}.`);
    }
    return {
      gateway: name,
      image: release.image,
      imageId: release.imageId,
      release: release.number,
      port: wish.port,
      secondPort: wish.secondPort,
      weight: wish.weight,
      config: release.config,
      secrets: await this.#deps.state.gatewaySecrets(
        this.#deps.hostOf(wish.host)?.place ?? "remote",
      ),
      stopTimeoutSeconds: STOP_SECONDS,
      memoryBytes: MEMORY_BYTES,
    };
  }

  /** Gateways whose address is known; one that never was placed has none. `without`: these are about to go. */
  upstreams(without: readonly string[] = []): EdgeUpstream[] {
    return this.#spec.gateways.flatMap(({ name, host, port, secondPort, weight, backup }) => {
      if (without.includes(name)) return [];
      const address = this.#deps.addressOf(host);
      return port === null || address === null
        ? []
        : [{ gateway: name, address, port, secondPort, weight, backup }];
    });
  }

  /** @throws Error where the edge is unknown or the certificate files are broken. */
  async edgeSpec(name: string, without: readonly string[] = []): Promise<EdgeSpec> {
    const wish = this.#spec.edges.find((edge) => edge.name === name);
    if (wish === undefined) throw new Error(`There is no edge ${name}.`);
    const tls = await this.#deps.state.edgeTls();
    return {
      edge: name,
      image: wish.image,
      port: wish.port,
      tls,
      config: renderNginx({
        port: wish.port,
        tls: tls && { port: DEFAULT_TLS_PORT },
        upstreams: this.upstreams(without),
        affinity: "none",
        keepalive: 256,
        webhookBytesMax: 1024 * 1024,
        chatBytesMax: 8 * 1024 * 1024,
      }),
    };
  }

  /** To be told after an agent took a specification. */
  edgeApplied(spec: EdgeSpec, edge: EdgeObservation): void {
    this.#applied.set(spec.edge, { text: textOf(spec), configHash: edge.configHash });
  }

  /** Whether an edge runs something else; null: this console has not given it anything yet. */
  edgeDiffers(spec: EdgeSpec, running: string | null): boolean | null {
    const applied = this.#applied.get(spec.edge);
    if (applied === undefined) return null;
    return applied.text !== textOf(spec) || applied.configHash !== running;
  }

  /** It was given exactly this already; that it runs something else all the same is drift. */
  edgeGiven(spec: EdgeSpec): boolean {
    return this.#applied.get(spec.edge)?.text === textOf(spec);
  }

  /** Hash under which each edge took what it was given last. */
  get edgeHashes(): Record<string, string> {
    return Object.fromEntries(
      [...this.#applied].flatMap(([edge, { configHash }]) =>
        configHash === null ? [] : [[edge, configHash]],
      ),
    );
  }
}

const textOf = ({ config, tls, port, image }: EdgeSpec) =>
  textHash(JSON.stringify([config, tls, port, image]));
