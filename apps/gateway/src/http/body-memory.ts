/**
 * Memory for bodies that are being read, shared by everybody who sends one. What a body may take without asking
 * (`freeBytes`) is enough for an ordinary webhook: large bodies that hold the rest never keep small ones out.
 * So a process holds at most `bytesMax` + connections × `freeBytes`.
 */
export class BodyMemory {
  readonly freeBytes: number;
  #left: number;

  constructor(bytesMax: number, freeBytes: number) {
    this.#left = bytesMax;
    this.freeBytes = freeBytes;
  }

  /** A body grows from one capacity to another; false: there is no room now. */
  grow(fromBytes: number, toBytes: number): boolean {
    const more = this.#shared(toBytes) - this.#shared(fromBytes);
    if (more > this.#left) return false;
    this.#left -= more;
    return true;
  }

  /** A body of that capacity is read, or given up. */
  giveBack(bytes: number): void {
    this.#left += this.#shared(bytes);
  }

  #shared(bytes: number): number {
    return Math.max(0, bytes - this.freeBytes);
  }
}
