/**
 * What of an answer in the making may be passed on, so that all that was sent is always the beginning of what was
 * committed. Pieces that do not continue what was sent (the turn began anew and says something else) are held back
 * until the whole is there.
 */
export class Passage {
  #sent = "";
  #heard = "";

  hear(piece: string): void {
    this.#heard += piece;
  }

  /** What was heard is void; what was sent stays sent. */
  reset(): void {
    this.#heard = "";
  }

  /** What may be sent now; counts as sent. */
  take(): string {
    if (this.#heard.length <= this.#sent.length || !this.#heard.startsWith(this.#sent)) return "";
    const piece = this.#heard.slice(this.#sent.length);
    this.#sent = this.#heard;
    return piece;
  }

  /** What is left to send of the committed text; null: what was sent is not its beginning. */
  rest(text: string): string | null {
    return text.startsWith(this.#sent) ? text.slice(this.#sent.length) : null;
  }
}
