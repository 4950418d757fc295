import type { Exit } from "@chela/shared/agent-link/schema";
import type { ContainerView } from "../docker/port.ts";

/** Docker tells of a kill for memory right before the death that it caused. */
const SAME_DEATH_MS = 5_000;

interface Note {
  outOfMemoryAtMs: number;
  lastExit: Exit | null;
  /** Come-backs that Docker's own count has forgotten: it begins anew at each start by somebody else. */
  forgotten: number;
  /** The run in which Docker's count was read last, and what it said. */
  run: string | null;
  counted: number;
}

/**
 * How each container's runs ended: Docker forgets the exit code, and whether it was for memory, as soon as it runs
 * again. Bounded: what is not on this host any more is forgotten.
 */
export class Exits {
  readonly #notes = new Map<string, Note>();

  /** The kernel killed something in it for memory. */
  ranOutOfMemory(container: string, atMs: number): void {
    this.#note(container).outOfMemoryAtMs = atMs;
  }

  died(container: string, code: number | null, atMs: number): void {
    const note = this.#note(container);
    const outOfMemory = Math.abs(atMs - note.outOfMemoryAtMs) < SAME_DEATH_MS;
    note.lastExit = { code, outOfMemory, at: new Date(atMs).toISOString() };
  }

  /** The agent is about to start a container that ended: Docker's count begins anew. */
  bringingBack(view: ContainerView): void {
    const note = this.#note(view.id);
    note.forgotten += view.restarts + 1;
    note.run = view.startedAt;
    note.counted = view.restarts + 1;
  }

  /** What is there now; the rest is forgotten. Also for a death whose event was missed. */
  saw(views: readonly ContainerView[]): void {
    const ids = new Set(views.map(({ id }) => id));
    for (const id of this.#notes.keys()) if (!ids.has(id)) this.#notes.delete(id);
    for (const view of views) {
      if (view.exitCode === null || view.finishedAt === null || view.state === "created") continue;
      const note = this.#note(view.id);
      const told = note.lastExit !== null && sameMoment(note.lastExit.at, view.finishedAt);
      if (!told || (view.outOfMemory && note.lastExit?.outOfMemory === false)) {
        const { exitCode: code, outOfMemory, finishedAt: at } = view;
        note.lastExit = { code, outOfMemory, at };
      }
    }
  }

  lastExit(container: string): Exit | null {
    return this.#notes.get(container)?.lastExit ?? null;
  }

  restarts(view: ContainerView): number {
    const note = this.#notes.get(view.id);
    if (note === undefined) return view.restarts;
    // Still the run that ended, looked at before its start: its count is in `forgotten` already.
    const isOld = view.startedAt === note.run;
    return note.forgotten + (isOld ? view.restarts - note.counted : view.restarts);
  }

  #note(container: string): Note {
    const known = this.#notes.get(container);
    if (known !== undefined) return known;
    const note: Note = {
      ...{ outOfMemoryAtMs: Number.NEGATIVE_INFINITY, lastExit: null },
      ...{ forgotten: 0, run: null, counted: 0 },
    };
    this.#notes.set(container, note);
    return note;
  }
}

const sameMoment = (a: string, b: string): boolean =>
  Math.abs(Date.parse(a) - Date.parse(b)) < SAME_DEATH_MS;
