/** To whom an event happens: a process that is paused or dead does not run it now. */
export interface Owner {
  happen(event: TimedEvent): void;
}

export interface TimedEvent {
  readonly atMs: number;
  readonly order: number;
  /** Null: cancelled. */
  run: (() => void) | null;
  readonly owner: Owner | null;
}

/**
 * Simulated time: it jumps from one event to the next, and everything that an event sets off (all promises, down to
 * the last) is over before the next one happens. Events of the same instant happen in the order they were asked for.
 */
export class Timeline {
  #nowMs = 0;
  #order = 0;
  #outstanding = 0;
  #returned: () => void = () => {};
  /** A heap: every event before the two at 2i+1 and 2i+2. */
  readonly #events: TimedEvent[] = [];

  get nowMs(): number {
    return this.#nowMs;
  }

  at(atMs: number, run: () => void, owner: Owner | null = null): TimedEvent {
    const event = { atMs: Math.max(atMs, this.#nowMs), order: this.#order++, run, owner };
    this.#add(event);
    return event;
  }

  after(ms: number, run: () => void, owner: Owner | null = null): TimedEvent {
    return this.at(this.#nowMs + ms, run, owner);
  }

  /** Something outside simulated time (a real Redis) is being asked: time stands still until it has answered. */
  async standStillFor(outside: Promise<void>): Promise<void> {
    this.#outstanding += 1;
    try {
      await outside;
    } finally {
      this.#outstanding -= 1;
      this.#returned();
    }
  }

  /** Lives through everything up to `endMs`, or until `over` says so after some event. */
  async run(endMs: number, over: () => boolean): Promise<void> {
    await settled();
    for (;;) {
      const event = this.#events[0];
      if (event === undefined || event.atMs > endMs) break;
      this.#removeFirst();
      if (event.run === null) continue;
      this.#nowMs = event.atMs;
      if (event.owner === null) event.run();
      else event.owner.happen(event);
      await settled();
      while (this.#outstanding > 0) {
        await new Promise<void>((resolve) => {
          this.#returned = resolve;
        });
        await settled();
      }
      if (over()) return;
    }
    this.#nowMs = endMs;
  }

  #add(event: TimedEvent): void {
    const heap = this.#events;
    let index = heap.length;
    heap.push(event);
    while (index > 0) {
      const above = (index - 1) >> 1;
      if (isBefore(heap[above]!, event)) break;
      heap[index] = heap[above]!;
      index = above;
    }
    heap[index] = event;
  }

  #removeFirst(): void {
    const heap = this.#events;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let index = 0;
    for (;;) {
      let next = 2 * index + 1;
      if (next >= heap.length) break;
      if (next + 1 < heap.length && isBefore(heap[next + 1]!, heap[next]!)) next += 1;
      if (isBefore(last, heap[next]!)) break;
      heap[index] = heap[next]!;
      index = next;
    }
    heap[index] = last;
  }
}

const isBefore = (a: TimedEvent, b: TimedEvent): boolean =>
  a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

/** Resolves when every promise that could go on has gone on: a tick asked for by a promise comes after all of them. */
const settled = (): Promise<void> =>
  new Promise((resolve) => queueMicrotask(() => process.nextTick(resolve)));
