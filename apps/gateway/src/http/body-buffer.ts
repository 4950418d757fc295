import type { BodyMemory } from "./body-memory.ts";

const NOTHING = Buffer.alloc(0);

/** A body as it grows: one buffer that doubles, so that a million one-byte pieces take no more than their bytes. */
export class BodyBuffer {
  readonly #memory: BodyMemory;
  readonly #bytesMax: number;
  #bytes: Buffer = NOTHING;
  #length = 0;

  constructor(memory: BodyMemory, bytesMax: number) {
    this.#memory = memory;
    this.#bytesMax = bytesMax;
  }

  /** At most `bytesMax` in total; false: the memory for bodies is used up. */
  add(piece: Buffer): boolean {
    const from = this.#length;
    const length = from + piece.length;
    // What comes in one piece, as most do, is kept as it came.
    if (from === 0) {
      if (!this.#memory.grow(0, length)) return false;
      this.#bytes = piece;
    } else {
      if (length > this.#bytes.length && !this.#widen(length)) return false;
      piece.copy(this.#bytes, from);
    }
    this.#length = length;
    return true;
  }

  whole(): Buffer {
    return this.#length === this.#bytes.length
      ? this.#bytes
      : this.#bytes.subarray(0, this.#length);
  }

  /** Lets go of the memory: the body is read, or given up. */
  drop(): void {
    this.#memory.giveBack(this.#bytes.length);
    this.#bytes = NOTHING;
    this.#length = 0;
  }

  #widen(length: number): boolean {
    const wished = Math.max(length, 2 * this.#bytes.length, this.#memory.freeBytes);
    const capacity = Math.min(wished, this.#bytesMax);
    if (!this.#memory.grow(this.#bytes.length, capacity)) return false;
    const wider = Buffer.allocUnsafe(capacity);
    this.#bytes.copy(wider, 0, 0, this.#length);
    this.#bytes = wider;
    return true;
  }
}
