import type { LiveDelta, LiveReset } from "./word.ts";

interface Progress {
  epoch: number;
  /** The seq that comes next; null: something was missed, so nothing more of this epoch is shown. */
  next: number | null;
  /** Something was shown that a reset would void. */
  shown: boolean;
}

/**
 * Which pieces of answers a caller may be shown. A piece of a lower epoch or one already seen is dropped; a change
 * of owner, or a turn begun again, voids what was shown; after a gap nothing more is shown until the next one, since
 * half a sentence is worse than none: the committed message has it all.
 */
export class DeltaFilter {
  readonly #turns = new Map<string, Progress>();
  readonly #onDelta: (delta: LiveDelta) => void;
  readonly #onReset: (event: string) => void;

  constructor(onDelta: (delta: LiveDelta) => void, onReset: (event: string) => void) {
    this.#onDelta = onDelta;
    this.#onReset = onReset;
  }

  delta(delta: LiveDelta): void {
    const turn = this.#turnAt(delta);
    if (turn === null || turn.next === null || delta.seq < turn.next) return;
    if (delta.seq > turn.next) {
      this.#void(delta.event, turn);
      turn.next = null;
      return;
    }
    turn.next += 1;
    turn.shown = true;
    this.#onDelta(delta);
  }

  reset(reset: LiveReset): void {
    const turn = this.#turnAt(reset);
    if (turn === null || (turn.next !== null && reset.seq < turn.next)) return;
    this.#void(reset.event, turn);
    turn.next = reset.seq + 1;
  }

  /** Its answer is committed. */
  ended(event: string): void {
    this.#turns.delete(event);
  }

  /** Null: of an owner that is none any more. */
  #turnAt({ event, epoch }: LiveReset): Progress | null {
    const known = this.#turns.get(event);
    if (known === undefined) {
      const turn = { epoch, next: 0, shown: false };
      this.#turns.set(event, turn);
      return turn;
    }
    if (epoch < known.epoch) return null;
    if (epoch > known.epoch) {
      this.#void(event, known);
      known.epoch = epoch;
      known.next = 0;
    }
    return known;
  }

  #void(event: string, turn: Progress): void {
    if (turn.shown) this.#onReset(event);
    turn.shown = false;
  }
}
