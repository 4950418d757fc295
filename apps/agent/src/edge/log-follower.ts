import { LABEL } from "@chela/shared/agent-link/schema";
import type { Clock } from "@chela/shared/clock/clock";
import type { ContainerView, Engine } from "../docker/port.ts";
import { OddAnswers } from "./odd-answers.ts";

const AGAIN_AFTER_MS = 1_000;
/** What was logged while nobody followed is counted up to this many lines. */
const LINES_AT_ONCE_MAX = 2_000;

/** Follows the log of each edge that runs here, and counts what it says of the gateways. */
export class EdgeLogFollower {
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #edges = new Map<string, { answers: OddAnswers; stop: AbortController }>();

  constructor(engine: Engine, clock: Clock) {
    this.#engine = engine;
    this.#clock = clock;
  }

  /** By the edge's container: a new one is counted anew. */
  answers(container: string | undefined): OddAnswers | null {
    return this.#edges.get(container ?? "")?.answers ?? null;
  }

  /** Follows exactly the edges among these. */
  sync(views: readonly ContainerView[]): void {
    const edges = views.filter(({ labels }) => labels[LABEL.edge] !== undefined);
    const ids = new Set(edges.map(({ id }) => id));
    for (const [id, { stop }] of this.#edges) {
      if (ids.has(id)) continue;
      stop.abort();
      this.#edges.delete(id);
    }
    for (const { id } of edges) {
      if (this.#edges.has(id)) continue;
      const edge = { answers: new OddAnswers(), stop: new AbortController() };
      this.#edges.set(id, edge);
      void this.#follow(id, edge.answers, edge.stop.signal);
    }
  }

  stop(): void {
    this.sync([]);
  }

  /** From now on, and on after each end of the stream: nginx was restarted, or Docker was. */
  async #follow(container: string, answers: OddAnswers, signal: AbortSignal): Promise<void> {
    let since = new Date(this.#clock.wallMs()).toISOString();
    while (!signal.aborted) {
      try {
        const options = { tail: LINES_AT_ONCE_MAX, follow: true, since };
        for await (const { at, line } of this.#engine.logs(container, options, signal)) {
          // Docker gives lines of the last one's own millisecond again.
          if (at <= since) continue;
          since = at;
          answers.read(line);
        }
      } catch {
        // It is gone, or Docker is: the next look says which.
      }
      await this.#clock.sleep(AGAIN_AFTER_MS, signal);
    }
  }
}
