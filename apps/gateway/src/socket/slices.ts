/** What one turn of the event loop may do for sockets: 200 sends take a few milliseconds. */
const STEPS_PER_TURN = 200;

/**
 * Work over many sockets, done in slices: whatever is to be sent to however many, webhooks and leases get their turn
 * in between. What fits into one slice is done at once; larger works take turns.
 */
export class Slices {
  readonly #works: Iterator<unknown>[] = [];
  readonly #nextTurn: (work: () => void) => void;
  #stepsLeft = STEPS_PER_TURN;
  #planned = false;

  constructor(nextTurn: (work: () => void) => void = setImmediate) {
    this.#nextTurn = nextTurn;
  }

  /** Each step of `work` is one send. It must not throw. */
  add(work: Iterator<unknown>): void {
    this.#works.push(work);
    this.#work();
  }

  #work(): void {
    while (this.#stepsLeft > 0) {
      const work = this.#works.shift();
      if (work === undefined) break;
      if (!this.#advance(work)) this.#works.push(work);
    }
    if (this.#planned || this.#stepsLeft === STEPS_PER_TURN) return;
    this.#planned = true;
    this.#nextTurn(() => {
      this.#planned = false;
      this.#stepsLeft = STEPS_PER_TURN;
      this.#work();
    });
  }

  /** True when it is done. */
  #advance(work: Iterator<unknown>): boolean {
    while (this.#stepsLeft > 0) {
      if (work.next().done === true) return true;
      this.#stepsLeft -= 1;
    }
    return false;
  }
}
