import type { Clock } from "@chela/shared/clock/clock";
import type { LiveDelta, LiveReset } from "./word.ts";

/** Pieces that come faster are told together: a caller's eye does not see more, Redis and sockets would. */
const EVERY_MS = 40;

/** Tells whoever follows the session what the assistant says while it says it; one per turn, over all its attempts. */
export class DeltaStream {
  readonly #publish: (word: { delta: LiveDelta } | { reset: LiveReset }) => void;
  readonly #clock: Clock;
  readonly #event: string;
  readonly #epoch: number;
  #seq = 0;
  #waiting = "";
  #told = false;
  #timer: AbortController | null = null;

  constructor(
    clock: Clock,
    event: string,
    epoch: number,
    publish: (word: { delta: LiveDelta } | { reset: LiveReset }) => void,
  ) {
    this.#clock = clock;
    this.#event = event;
    this.#epoch = epoch;
    this.#publish = publish;
  }

  add(text: string): void {
    this.#waiting += text;
    if (this.#timer !== null) return;
    this.#flush();
    const timer = new AbortController();
    this.#timer = timer;
    void this.#clock.sleep(EVERY_MS, timer.signal).then(() => {
      if (this.#timer !== timer) return;
      this.#timer = null;
      if (this.#waiting !== "") this.add("");
    });
  }

  /** The attempt is over; nothing is left to tell. Before the answer is committed, so that order holds. */
  end(): void {
    this.#flush();
    this.#rest();
  }

  /** The next attempt begins anew: what was told is void. */
  reset(): void {
    this.#waiting = "";
    this.#rest();
    if (!this.#told) return;
    this.#told = false;
    this.#publish({ reset: { event: this.#event, epoch: this.#epoch, seq: this.#seq++ } });
  }

  #flush(): void {
    if (this.#waiting === "") return;
    const text = this.#waiting;
    this.#waiting = "";
    this.#told = true;
    this.#publish({ delta: { event: this.#event, epoch: this.#epoch, seq: this.#seq++, text } });
  }

  #rest(): void {
    this.#timer?.abort();
    this.#timer = null;
  }
}
