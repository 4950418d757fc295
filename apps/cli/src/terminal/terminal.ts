import { createInterface } from "node:readline/promises";
import { stripVTControlCharacters } from "node:util";
import { coloured, plain, type Style } from "./style.ts";

const UP_AND_CLEAR = (lines: number) => (lines === 0 ? "\r\u001b[J" : `\u001b[${lines}A\r\u001b[J`);

/** Where a command writes, and asks. */
export class Terminal {
  readonly #out: NodeJS.WriteStream;
  readonly #err: NodeJS.WriteStream;
  readonly #in: NodeJS.ReadStream;
  readonly style: Style;
  /** Lines at the end of the screen that the next `live` replaces. */
  #live = 0;

  constructor(
    streams: { out: NodeJS.WriteStream; err: NodeJS.WriteStream; in: NodeJS.ReadStream },
    colour: boolean,
  ) {
    this.#out = streams.out;
    this.#err = streams.err;
    this.#in = streams.in;
    this.style = colour && streams.out.isTTY ? coloured : plain;
    // `chela … | head` ends the reader first: that is no error of ours.
    streams.out.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      process.exit(0);
    });
  }

  /** Somebody watches: what changes may be drawn over. */
  get redraws(): boolean {
    return this.#out.isTTY === true;
  }

  lines(lines: readonly string[]): void {
    this.#live = 0;
    if (lines.length > 0) this.#out.write(`${lines.join("\n")}\n`);
  }

  line(text: string): void {
    this.lines([text]);
  }

  /** As it is. */
  write(text: string | Uint8Array): Promise<void> {
    return new Promise((resolve) => this.#out.write(text, () => resolve()));
  }

  /**
   * In the place of what the last call drew; what is higher than the screen shows its end.
   * @param last it stays: whole, whatever the screen's size.
   */
  live(lines: readonly string[], last: boolean): void {
    // A terminal of an unknown size says 0.
    const rows = Math.max(4, (this.#out.rows || 24) - 1);
    const columns = this.#out.columns || 80;
    const shown = last ? lines : lines.slice(-rows).map((line) => cut(line, columns));
    this.#out.write(`${UP_AND_CLEAR(this.#live)}${shown.join("\n")}\n`);
    this.#live = last ? 0 : shown.length;
  }

  /** For people only: standard output stays what it is for programs. */
  note(text: string): void {
    this.#live = 0;
    this.#err.write(`${text}\n`);
  }

  get asks(): boolean {
    return this.#in.isTTY === true && this.#err.isTTY === true;
  }

  /** Whatever is not a clear yes is a no, leaving the question (Ctrl-C, Ctrl-D) too. */
  async ask(question: string): Promise<boolean> {
    const read = createInterface({ input: this.#in, output: this.#err });
    const left = new Promise<string>((resolve) => {
      // While a line is being typed, Ctrl-C is a key like others and no signal.
      read.once("SIGINT", () => {
        this.#err.write("\n");
        read.close();
      });
      read.once("close", () => resolve(""));
    });
    const answer = await Promise.race([read.question(`${question} [y/N] `), left]);
    read.close();
    return /^(y|yes)$/i.test(answer.trim());
  }
}

/** A line that wraps would be two: drawing over it would leave one behind. Colour is given up for the cut. */
function cut(line: string, columns: number): string {
  const text = [...stripVTControlCharacters(line)];
  return text.length < columns ? line : `${text.slice(0, columns - 2).join("")}…`;
}
