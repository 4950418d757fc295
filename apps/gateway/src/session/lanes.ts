/** A bound on how much runs at once; whoever comes later waits in order. */
export class Gate {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(size: number) {
    this.#free = size;
  }

  async enter(): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}

/**
 * One lane per session: its turns run one after another in the order they were added; sessions run side by
 * side, as many as the gate lets through.
 */
export class Lanes {
  readonly #gate: Gate;
  readonly #lanes = new Map<string, (() => Promise<void>)[]>();
  #closed = false;

  constructor(gate: Gate) {
    this.#gate = gate;
  }

  /** `turn` must not throw. Ignored once closed. */
  add(session: string, turn: () => Promise<void>): void {
    if (this.#closed) return;
    const lane = this.#lanes.get(session);
    if (lane !== undefined) {
      lane.push(turn);
      return;
    }
    const started = [turn];
    this.#lanes.set(session, started);
    void this.#run(session, started);
  }

  /** What has not begun never will; what runs goes on. */
  close(): void {
    this.#closed = true;
  }

  async #run(session: string, lane: (() => Promise<void>)[]): Promise<void> {
    for (let turn = lane.shift(); turn !== undefined; turn = lane.shift()) {
      await this.#gate.enter();
      try {
        if (!this.#closed) await turn();
      } finally {
        this.#gate.leave();
      }
    }
    this.#lanes.delete(session);
  }
}
