import type { EdgeSpec } from "@chela/shared/agent-link/schema";
import type { Clock } from "@chela/shared/clock/clock";
import {
  EDGE_CURRENT_PATH,
  type EdgeSlot,
  edgeConfigPath,
  edgeCurrentLink,
  edgeSlotFiles,
  otherSlot,
} from "../docker/container-spec.ts";
import type { ContainerView, Engine } from "../docker/port.ts";
import { AgentFault } from "../fault.ts";
import type { EdgeRecord, Journal } from "../state/journal.ts";
import {
  complaint,
  NO_PROGRESS,
  type ReloadOutcome,
  readReload,
  reloadOutcome,
} from "./nginx-log.ts";
import { type ProbeResult, probeEdge, serves } from "./probe.ts";

const RELOAD_TIMEOUT_MS = 5_000;
const VERIFY_TIMEOUT_MS = 5_000;
const VERIFY_EVERY_MS = 100;
const LOG_LINES = 500;

/**
 * Changes the configuration of a running edge: put it into the free slot, test it there, swap the link, reload,
 * verify through the edge; on failure the link goes back to the last good slot. The journal says so before the
 * swap, so that an agent that died in between does it again.
 */
export class EdgeSwap {
  readonly #engine: Engine;
  readonly #journal: Journal;
  readonly #clock: Clock;

  constructor(deps: { engine: Engine; journal: Journal; clock: Clock }) {
    this.#engine = deps.engine;
    this.#journal = deps.journal;
    this.#clock = deps.clock;
  }

  async apply(view: ContainerView, spec: EdgeSpec, hash: string): Promise<void> {
    const record = await this.#record(view, spec);
    const next = otherSlot(record.slot);
    await this.#engine.putFiles(view.id, edgeSlotFiles(spec, next));
    await this.#test(view.id, next);
    const before = await probeEdge(record.port);
    await this.#journal.keepEdge(spec.edge, { ...record, applying: hash });
    const fault = await this.#switch(view.id, next, spec.port, before);
    if (fault !== null) {
      await this.#restore(view.id, record, before);
      await this.#journal.keepEdge(spec.edge, { ...record, applying: null });
      throw fault;
    }
    await this.#journal.keepEdge(spec.edge, {
      containerId: view.id,
      slot: next,
      port: spec.port,
      configHash: hash,
      applying: null,
      reloads: record.reloads + 1,
    });
  }

  /** Waits until the edge serves at least as well as before. */
  async verified(port: number, before: ProbeResult | null): Promise<boolean> {
    const deadlineMs = this.#clock.monotonicMs() + VERIFY_TIMEOUT_MS;
    while (!serves(before, await probeEdge(port))) {
      if (this.#clock.monotonicMs() > deadlineMs) return false;
      await this.#clock.sleep(VERIFY_EVERY_MS);
    }
    return true;
  }

  async #record(view: ContainerView, spec: EdgeSpec): Promise<EdgeRecord> {
    const kept = this.#journal.edge(spec.edge);
    if (kept?.containerId === view.id) return kept;
    // The journal was lost; the container itself knows which slot it runs.
    const link = await this.#engine.findFile(view.id, EDGE_CURRENT_PATH);
    const slot: EdgeSlot = link?.linkTo?.endsWith("b") ? "b" : "a";
    const unknown = { configHash: null, applying: null, reloads: 0 };
    return { containerId: view.id, slot, port: spec.port, ...unknown };
  }

  async #test(id: string, slot: EdgeSlot): Promise<void> {
    const tested = await this.#engine.exec(id, ["nginx", "-t", "-c", edgeConfigPath(slot)]);
    if (tested.exitCode === 0) return;
    const said = complaint(tested.output) ?? tested.output.trim();
    throw new AgentFault(
      "EDGE_CONFIG_REJECTED",
      `nginx refuses the configuration, the last good one stays: ${said}`,
    );
  }

  /** Null: done and verified. */
  async #switch(
    id: string,
    slot: EdgeSlot,
    port: number,
    before: ProbeResult,
  ): Promise<AgentFault | null> {
    await this.#engine.putFiles(id, [edgeCurrentLink(slot)]);
    const outcome = await this.#reload(id);
    if (!outcome.taken) {
      return new AgentFault(
        "EDGE_CONFIG_REJECTED",
        `nginx did not take the configuration, the last good one was restored: ${outcome.message}`,
      );
    }
    if (await this.verified(port, before)) return null;
    return new AgentFault(
      "EDGE_NOT_SERVING",
      `Nothing answered through the edge on port ${port} with the new configuration; the last good one was restored.`,
    );
  }

  async #restore(id: string, record: EdgeRecord, before: ProbeResult): Promise<void> {
    await this.#engine.putFiles(id, [edgeCurrentLink(record.slot)]);
    await this.#reload(id);
    await this.verified(record.port, before);
  }

  /**
   * `nginx -s` by exec, not a signal through Docker: its `kill` switches the restart policy off, whatever the
   * signal. Whether the reload took stands only in nginx's log.
   */
  async #reload(id: string): Promise<ReloadOutcome> {
    const since = new Date(this.#clock.wallMs()).toISOString();
    const asked = await this.#engine.exec(id, [
      "nginx",
      "-s",
      "reload",
      "-c",
      edgeConfigPath("current"),
    ]);
    if (asked.exitCode !== 0) {
      return { taken: false, message: complaint(asked.output) ?? asked.output.trim() };
    }
    const timeout = AbortSignal.timeout(RELOAD_TIMEOUT_MS);
    const options = { tail: LOG_LINES, follow: true, since };
    let progress = NO_PROGRESS;
    for await (const { line } of this.#engine.logs(id, options, timeout)) {
      progress = readReload(progress, line);
      const outcome = reloadOutcome(progress);
      if (outcome !== null) return outcome;
    }
    // Fewer workers than before stop listening later than we wait; the new ones are there.
    if (progress.started > 0) return { taken: true };
    return {
      taken: false,
      message: `nginx said nothing within ${RELOAD_TIMEOUT_MS / 1_000} s of the reload`,
    };
  }
}
