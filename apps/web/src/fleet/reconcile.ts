import type { Clock } from "@chela/shared/clock/clock";
import { Refusal } from "@chela/shared/errors/refusal";
import { type Drift, driftOf } from "@chela/shared/fleet/drift";
import { newestMember } from "@chela/shared/fleet/members";
import { containerOf, isFresh, type Observation } from "@chela/shared/fleet/observation";

import type { Logger } from "pino";
import { AgentError } from "../agents/agent.ts";
import type { Images } from "../agents/images.ts";
import type { AgentLinks } from "../agents/links.ts";
import type { DesiredFleet } from "./desired.ts";

const EVERY_MS = 2_000;
/** The same drift is corrected again after this at the earliest. */
const CORRECT_AGAIN_MS = 10 * 60_000;

export interface ReconcileDeps {
  clock: Clock;
  log: Logger;
  links: AgentLinks;
  images: Images;
  desired: DesiredFleet;
  observation(): Observation | null;
  /** An operation runs: it alone changes the fleet. */
  busy(): boolean;
  /** What a new fleet runs. */
  firstImage: string;
  /** Begins an operation that puts it right; throws a Refusal where that may not be now. */
  correct(drifts: Drift[]): Promise<void>;
}

/**
 * Brings up what is missing, and nothing else: a container that is there is replaced by an operation only. Edges follow
 * the fleet's membership.
 */
export class Reconcile {
  readonly #deps: ReconcileDeps;
  #wake = new AbortController();
  #told = new Map<string, string>();
  #corrected = { key: "", againAtMs: 0 };

  constructor(deps: ReconcileDeps) {
    this.#deps = deps;
    deps.links.on("connected", () => this.#wake.abort());
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#deps;
    while (!signal.aborted) {
      this.#wake = new AbortController();
      await this.#once().catch((error) => log.error({ err: error }, "reconciling failed"));
      await clock.sleep(EVERY_MS, AbortSignal.any([signal, this.#wake.signal]));
    }
  }

  async #once(): Promise<void> {
    const seen = this.#deps.observation();
    if (seen === null || this.#deps.busy()) return;
    const release = await this.#release(seen);
    if (release === null) return;
    await Promise.all(
      this.#deps.desired.spec.gateways.map(({ name }) =>
        this.#quietly(name, () => this.#gateway(seen, name, release)),
      ),
    );
    for (const { name } of this.#deps.desired.spec.edges) {
      await this.#quietly(name, () => this.#edge(seen, name));
    }
    if (this.#deps.desired.spec.reconcile === "auto") await this.#correct(seen);
  }

  /** What an operation could not put right is not tried again at once: it would fail again and again. */
  async #correct(seen: Observation): Promise<void> {
    const { clock, correct } = this.#deps;
    const drifts = driftOf(seen, (gateway) => newestMember(seen, gateway)).filter(
      ({ kind }) => kind !== "missing" && kind !== "port",
    );
    const key = drifts.map(({ sentence }) => sentence).join(" ");
    if (key === "") return;
    const again = key === this.#corrected.key && clock.monotonicMs() < this.#corrected.againAtMs;
    if (again) return;
    this.#corrected = { key, againAtMs: clock.monotonicMs() + CORRECT_AGAIN_MS };
    await this.#quietly("drift", () => correct(drifts));
  }

  /** The fleet's release. A fleet that runs nothing yet, or nothing any more, starts with what its tag means now. */
  async #release(seen: Observation): Promise<number | null> {
    const { desired, images, clock, firstImage, log } = this.#deps;
    const current = desired.release;
    if (current !== null && !isEmpty(seen)) return current.number;
    const reference = current?.image ?? firstImage;
    const image = await images.resolve(reference);
    if (image === null) {
      this.#tell("release", `${reference} is on no host and cannot be pulled.`);
      return current?.number ?? null;
    }
    if (current !== null && current.imageId === image.id) return current.number;
    const release = await desired.newRelease(
      { image: reference, imageId: image.id },
      undefined,
      clock.wallMs(),
    );
    await desired.change((spec) => ({
      ...spec,
      release: release.number,
      gateways: spec.gateways.map((wish) => ({ ...wish, release: release.number })),
    }));
    log.info({ release: release.number, image: reference, id: image.id }, "new release");
    return release.number;
  }

  async #gateway(seen: Observation, name: string, release: number): Promise<void> {
    const { desired, links, images, log } = this.#deps;
    const wish = desired.gateway(name);
    if (wish === undefined) return;
    const host = seen.hosts.find((candidate) => candidate.name === wish.host);
    if (host === undefined || !isFresh(seen, host)) return;
    const there = containerOf(host, name);
    if (there !== undefined) {
      // Ports once known are kept: others are drift.
      if (wish.port === null || wish.secondPort === null || desired.spec.reconcile === "auto") {
        await desired.keepPorts(name, there);
      }
      // One that was made before gateways had a second port is given one now.
      if (there.ports.length < 2) {
        const spec = await desired.gatewaySpec(name, there.release ?? release);
        await desired.keepPorts(name, await links.agent(wish.host).ensureGateway(spec));
      }
      return;
    }
    const spec = await desired.gatewaySpec(name, wish.release === 0 ? release : wish.release);
    await images.ensure(wish.host, spec.image, spec.imageId);
    const placed = await links.agent(wish.host).ensureGateway(spec);
    await desired.changeGateway(name, { release: spec.release });
    await desired.keepPorts(name, placed);
    log.info({ gateway: name, host: wish.host, release: spec.release }, "gateway brought up");
  }

  async #edge(seen: Observation, name: string): Promise<void> {
    const { desired, links, log } = this.#deps;
    const wish = desired.spec.edges.find((edge) => edge.name === name);
    const host = seen.hosts.find((candidate) => candidate.name === wish?.host);
    if (wish === undefined || host === undefined || !isFresh(seen, host)) return;
    // Until every gateway has its port, each further one would be a reload.
    if (desired.upstreams().length < desired.spec.gateways.length) return;
    const spec = await desired.edgeSpec(name);
    const edge = host.report?.edges.find((candidate) => candidate.edge === name);
    const configHash = edge?.configHash ?? null;
    if (edge?.running === true && configHash !== null && desired.edgeGiven(spec)) return;
    const ensured = await links.agent(wish.host).ensureEdge(spec);
    desired.edgeApplied(spec, ensured);
    if (edge?.running === true && ensured.configHash === configHash) return;
    log.info({ edge: name, upstreams: desired.upstreams().length }, "edge brought up to date");
  }

  /** What cannot be done now is said once and tried again. */
  async #quietly(part: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.#told.delete(part);
    } catch (error) {
      if (!(error instanceof AgentError || error instanceof Refusal)) throw error;
      this.#tell(part, error.message);
    }
  }

  #tell(part: string, message: string): void {
    if (this.#told.get(part) === message) return;
    this.#told.set(part, message);
    this.#deps.log.warn({ part }, message);
  }
}

/** Every host that shall carry gateways has said that it carries none. */
function isEmpty(seen: Observation): boolean {
  const hosts = seen.hosts.filter(({ name }) =>
    seen.spec.gateways.some((gateway) => gateway.host === name),
  );
  return (
    hosts.length > 0 &&
    hosts.every((host) => isFresh(seen, host) && host.report?.gateways.length === 0)
  );
}
