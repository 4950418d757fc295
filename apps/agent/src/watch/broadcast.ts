/** One sender, any number of listeners, each with a bounded buffer of its own. */
export class Broadcast<T> {
  readonly #listeners = new Set<(value: T) => void>();
  readonly #bufferMax: number;

  constructor(bufferMax: number) {
    this.#bufferMax = bufferMax;
  }

  send(value: T): void {
    for (const listener of this.#listeners) listener(value);
  }

  /** Everything sent from now on, until the signal is aborted. A listener that is too slow loses the oldest. */
  async *listen(signal: AbortSignal): AsyncGenerator<T> {
    const waiting: T[] = [];
    let wake: (() => void) | null = null;
    const notify = () => {
      wake?.();
      wake = null;
    };
    const listener = (value: T) => {
      if (waiting.length >= this.#bufferMax) waiting.shift();
      waiting.push(value);
      notify();
    };
    this.#listeners.add(listener);
    signal.addEventListener("abort", notify, { once: true });
    try {
      while (!signal.aborted) {
        const value = waiting.shift();
        if (value !== undefined) yield value;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      this.#listeners.delete(listener);
      signal.removeEventListener("abort", notify);
    }
  }
}
