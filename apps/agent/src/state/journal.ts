import { type OperationRef, operationRefSchema } from "@chela/shared/agent-link/schema";
import { z } from "zod";
import { AgentFault } from "../fault.ts";
import { readPrivateFile, writePrivateFile } from "./private-file.ts";

const RESTARTS_KEPT = 100;

const edgeRecordSchema = z.object({
  /** A new container starts from nothing, so what is written here ends with it. */
  containerId: z.string(),
  /** Where the configuration lies that was last verified; the other slot is free to write. */
  slot: z.enum(["a", "b"]),
  port: z.number().int(),
  /** Of that configuration; null: none was verified yet. */
  configHash: z.string().nullable(),
  /** Set before a swap, cleared when it was verified or undone: what nginx runs is unsure meanwhile. */
  applying: z.string().nullable(),
  reloads: z.number().int(),
});
export type EdgeRecord = z.infer<typeof edgeRecordSchema>;

const journalSchema = z.object({
  /** The highest that a console's controller has brought. */
  controllerEpoch: z.number().int().default(0),
  /** Gateways that an operation stopped: reconcile leaves them. */
  held: z.record(z.string(), operationRefSchema),
  /** Ports once chosen: a gateway keeps its own for good, since the edge knows it by that. */
  ports: z.record(z.string(), z.number().int()),
  /** The second ones, beside them. */
  secondPorts: z.record(z.string(), z.number().int()).default({}),
  /** Take-overs begun: the old container may be gone, the new one not named yet. */
  takeOvers: z.record(z.string(), operationRefSchema).default({}),
  /** Restarts asked for: an operation's restart is done once `startedAt` is no longer this one. */
  restarts: z.array(operationRefSchema.extend({ gateway: z.string(), startedAt: z.string() })),
  edges: z.record(z.string(), edgeRecordSchema),
});
type JournalState = z.infer<typeof journalSchema>;

/**
 * What this agent must remember and container labels cannot hold (they are fixed at creation). A small file,
 * rewritten whole at each change; a change is on disk before the act that it announces.
 */
export class Journal {
  readonly #path: string;
  #state: JournalState;
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, state: JournalState) {
    this.#path = path;
    this.#state = state;
  }

  static async open(path: string): Promise<Journal> {
    const text = await readPrivateFile(path);
    const state =
      text === null
        ? {
            controllerEpoch: 0,
            held: {},
            ports: {},
            secondPorts: {},
            takeOvers: {},
            restarts: [],
            edges: {},
          }
        : journalSchema.parse(JSON.parse(text));
    return new Journal(path, state);
  }

  /**
   * ⚑ A controller that was paused and wakes up must not stop a gateway: whoever comes with a lower epoch than this host
   * has seen is refused. On disk before the order is obeyed. @throws AgentFault STALE_CONTROLLER
   */
  async heed(epoch: number): Promise<void> {
    const { controllerEpoch } = this.#state;
    if (epoch < controllerEpoch) {
      throw new AgentFault(
        "STALE_CONTROLLER",
        `Another console acts as controller now (epoch ${controllerEpoch}, this order has ${epoch}): order it there.`,
      );
    }
    if (epoch > controllerEpoch) await this.#change({ controllerEpoch: epoch });
  }

  isHeld(gateway: string): boolean {
    return this.#state.held[gateway] !== undefined;
  }

  hold(gateway: string, operation: OperationRef): Promise<void> {
    return this.#change({ held: { ...this.#state.held, [gateway]: operation } });
  }

  async release(gateway: string): Promise<void> {
    if (!this.isHeld(gateway)) return;
    await this.#change({ held: without(this.#state.held, gateway) });
  }

  /** The gateway's own: the first, the second, as far as they were chosen. */
  portsOf(gateway: string): { port: number | null; secondPort: number | null } {
    const { ports, secondPorts } = this.#state;
    return { port: ports[gateway] ?? null, secondPort: secondPorts[gateway] ?? null };
  }

  /** All that are promised. */
  ports(): number[] {
    return [...Object.values(this.#state.ports), ...Object.values(this.#state.secondPorts)];
  }

  async keepPorts(gateway: string, port: number, secondPort: number): Promise<void> {
    const kept = this.portsOf(gateway);
    if (kept.port === port && kept.secondPort === secondPort) return;
    await this.#change({
      ports: { ...this.#state.ports, [gateway]: port },
      secondPorts: { ...this.#state.secondPorts, [gateway]: secondPort },
    });
  }

  isTakingOver(gateway: string): boolean {
    return this.#state.takeOvers[gateway] !== undefined;
  }

  noteTakeOver(gateway: string, operation: OperationRef): Promise<void> {
    return this.#change({ takeOvers: { ...this.#state.takeOvers, [gateway]: operation } });
  }

  async endTakeOver(gateway: string): Promise<void> {
    if (!this.isTakingOver(gateway)) return;
    await this.#change({ takeOvers: without(this.#state.takeOvers, gateway) });
  }

  /** Everything about a gateway that is no more. */
  forget(gateway: string): Promise<void> {
    return this.#change({
      held: without(this.#state.held, gateway),
      ports: without(this.#state.ports, gateway),
      secondPorts: without(this.#state.secondPorts, gateway),
      takeOvers: without(this.#state.takeOvers, gateway),
      restarts: this.#state.restarts.filter((restart) => restart.gateway !== gateway),
    });
  }

  /** The start that an operation's restart was to end; null: not asked for yet. */
  restartOf(gateway: string, operation: OperationRef): string | null {
    const found = this.#state.restarts.find(
      (r) => r.gateway === gateway && r.id === operation.id && r.step === operation.step,
    );
    return found?.startedAt ?? null;
  }

  noteRestart(gateway: string, operation: OperationRef, startedAt: string): Promise<void> {
    const restarts = [...this.#state.restarts, { ...operation, gateway, startedAt }];
    return this.#change({ restarts: restarts.slice(-RESTARTS_KEPT) });
  }

  edge(edge: string): EdgeRecord | null {
    return this.#state.edges[edge] ?? null;
  }

  keepEdge(edge: string, record: EdgeRecord): Promise<void> {
    return this.#change({ edges: { ...this.#state.edges, [edge]: record } });
  }

  forgetEdge(edge: string): Promise<void> {
    return this.#change({ edges: without(this.#state.edges, edge) });
  }

  #change(part: Partial<JournalState>): Promise<void> {
    this.#state = { ...this.#state, ...part };
    const text = JSON.stringify(this.#state);
    const written = this.#writing.then(() => writePrivateFile(this.#path, text));
    // A failed write is told to its caller; it must not fail the ones after it.
    this.#writing = written.catch(() => {});
    return written;
  }
}

function without<T>(record: Record<string, T>, name: string): Record<string, T> {
  const { [name]: _gone, ...rest } = record;
  return rest;
}
