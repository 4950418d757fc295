import { createHash } from "node:crypto";
import type { EdgeProbe } from "@chela/shared/agent-link/commands";
import {
  type EdgeObservation,
  type EdgeSpec,
  LABEL,
  type OperationRef,
} from "@chela/shared/agent-link/schema";
import type { Clock } from "@chela/shared/clock/clock";
import {
  containerName,
  EDGE_CURRENT_PATH,
  edgeContainer,
  edgeCurrentLink,
  edgeSlotFiles,
  type HostContext,
} from "../docker/container-spec.ts";
import type { ContainerView, Engine } from "../docker/port.ts";
import { AgentFault } from "../fault.ts";
import type { Turns } from "../gateway/turns.ts";
import type { Journal } from "../state/journal.ts";
import { complaint } from "./nginx-log.ts";
import { type ProbeResult, probeEdge } from "./probe.ts";
import { EdgeSwap } from "./swap.ts";

const LOG_LINES = 50;

export interface EdgeRunnerDeps {
  readonly engine: Engine;
  readonly fleet: string;
  readonly host: () => Promise<HostContext>;
  readonly journal: Journal;
  readonly turns: Turns;
  readonly clock: Clock;
  readonly reloaded: (edge: string) => void;
  readonly answers: (container: string | undefined) => EdgeObservation["answers"];
}

type ObservedProbe = NonNullable<EdgeObservation["probe"]>;

/** The console's commands about edges. */
export class EdgeRunner {
  readonly #deps: EdgeRunnerDeps;
  readonly #swap: EdgeSwap;
  readonly #probes = new Map<string, ObservedProbe>();
  readonly #errors = new Map<string, string>();

  constructor(deps: EdgeRunnerDeps) {
    this.#deps = deps;
    this.#swap = new EdgeSwap(deps);
  }

  ensure(spec: EdgeSpec, operation: OperationRef | null): Promise<EdgeObservation> {
    const name = containerName(this.#deps.fleet, spec.edge);
    return this.#deps.turns.take(name, async () => {
      try {
        await this.#ensure(name, spec, operation);
        this.#errors.delete(spec.edge);
      } catch (error) {
        this.#errors.set(spec.edge, (error as Error).message);
        throw error;
      }
      return this.observe(spec.edge);
    });
  }

  remove(edge: string): Promise<void> {
    const { engine, fleet, journal, turns } = this.#deps;
    const name = containerName(fleet, edge);
    return turns.take(name, async () => {
      const view = await engine.inspect(name);
      if (view !== null) {
        await engine.stop(view.id, null);
        await engine.remove(view.id);
      }
      await journal.forgetEdge(edge);
      this.#probes.delete(edge);
      this.#errors.delete(edge);
    });
  }

  async observe(edge: string): Promise<EdgeObservation> {
    const view = await this.#deps.engine.inspect(containerName(this.#deps.fleet, edge));
    return this.observed(edge, view);
  }

  /** From what is known already; asks nobody. */
  observed(edge: string, view: ContainerView | null): EdgeObservation {
    const record = this.#deps.journal.edge(edge);
    const current = record !== null && record.containerId === view?.id ? record : null;
    return {
      edge,
      containerId: view?.id ?? null,
      running: view?.state === "running",
      configHash: current?.applying === null ? current.configHash : null,
      reloads: current?.reloads ?? 0,
      answers: this.#deps.answers(view?.id),
      probe: this.#probes.get(edge) ?? null,
      error: this.#errors.get(edge) ?? null,
    };
  }

  async probe(edge: string, count: number): Promise<EdgeProbe> {
    const port = this.#port(edge);
    const results: ProbeResult[] = [];
    for (let sent = 0; sent < count; sent++) results.push(await probeEdge(port));
    const last = results.at(-1);
    if (last !== undefined) this.#note(edge, last);
    const ok = results.filter((result) => result.ok).length;
    return { ok, failed: count - ok, ms: results.map((result) => result.ms) };
  }

  /** For the regular report: one probe through each edge that runs here. */
  async refreshProbes(views: readonly ContainerView[]): Promise<void> {
    for (const view of views) {
      const edge = view.labels[LABEL.edge];
      if (edge === undefined || view.state !== "running") continue;
      const port = this.#deps.journal.edge(edge)?.port;
      if (port !== undefined) this.#note(edge, await probeEdge(port));
    }
  }

  async #ensure(name: string, spec: EdgeSpec, operation: OperationRef | null): Promise<void> {
    const { engine, journal } = this.#deps;
    const hash = edgeHash(spec);
    let view = await engine.inspect(name);
    const whole =
      view !== null &&
      view.image === spec.image &&
      view.state !== "dead" &&
      view.state !== "removing" &&
      (await engine.findFile(view.id, EDGE_CURRENT_PATH)) !== null;
    if (view !== null && !whole) {
      await engine.stop(view.id, null);
      await engine.remove(view.id);
      view = null;
    }
    if (view === null) return this.#create(spec, hash, operation);
    if (view.state !== "running") await engine.start(view.id);
    const record = journal.edge(spec.edge);
    const unchanged =
      record?.containerId === view.id && record.configHash === hash && record.applying === null;
    if (unchanged) return;
    await this.#swap.apply(view, spec, hash);
    this.#deps.reloaded(spec.edge);
  }

  async #create(spec: EdgeSpec, hash: string, operation: OperationRef | null): Promise<void> {
    const { engine, journal } = this.#deps;
    const id = await engine.create(edgeContainer(spec, await this.#deps.host(), operation));
    try {
      await engine.putFiles(id, [...edgeSlotFiles(spec, "a"), edgeCurrentLink("a")]);
      const record = { containerId: id, slot: "a" as const, port: spec.port, reloads: 0 };
      await journal.keepEdge(spec.edge, { ...record, configHash: null, applying: hash });
      await engine.start(id);
      if (!(await this.#swap.verified(spec.port, null))) throw await this.#whyNot(id, spec);
      await journal.keepEdge(spec.edge, { ...record, configHash: hash, applying: null });
    } catch (error) {
      // There is no last good one to go back to, and one that cannot start would only try for ever.
      await engine.remove(id).catch(() => {});
      throw error;
    }
  }

  async #whyNot(id: string, spec: EdgeSpec): Promise<AgentFault> {
    let said = "";
    const options = { tail: LOG_LINES, follow: false, since: null };
    for await (const { line } of this.#deps.engine.logs(id, options, AbortSignal.timeout(5_000))) {
      said += `${line}\n`;
    }
    const message = complaint(said);
    if (message !== null && /Address already in use/.test(message)) {
      return new AgentFault(
        "PORT_TAKEN",
        `Something else on this host listens on port ${spec.port} (${message}): stop it, or give the edge another port.`,
      );
    }
    return message === null
      ? new AgentFault("EDGE_NOT_SERVING", `${spec.edge} does not answer on port ${spec.port}.`)
      : new AgentFault("EDGE_CONFIG_REJECTED", `nginx refuses the configuration: ${message}`);
  }

  #port(edge: string): number {
    const record = this.#deps.journal.edge(edge);
    if (record === null)
      throw new AgentFault("NOT_FOUND", `There is no edge ${edge} on this host.`);
    return record.port;
  }

  #note(edge: string, result: ProbeResult): void {
    this.#probes.set(edge, { ...result, at: new Date(this.#deps.clock.wallMs()).toISOString() });
  }
}

/** Of everything that nginx reads: configuration and certificates. */
function edgeHash(spec: EdgeSpec): string {
  return createHash("sha256")
    .update(JSON.stringify([spec.config, spec.tls]))
    .digest("hex");
}
