import type { Clock } from "@chela/shared/clock/clock";
import { EXIT } from "./exit-codes.ts";
import { Problem, usage } from "./problem.ts";
import type { Terminal } from "./terminal/terminal.ts";

export interface LocalParts {
  terminal: Terminal;
  json: boolean;
  signal: AbortSignal;
  clock: Clock;
  stateDir: string;
}

/** What every command works with, also one that needs no console. */
export class Local {
  readonly terminal: Terminal;
  /** Answers as the API gives them, for programs. */
  readonly json: boolean;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly stateDir: string;

  constructor(parts: LocalParts) {
    this.terminal = parts.terminal;
    this.json = parts.json;
    this.signal = parts.signal;
    this.clock = parts.clock;
    this.stateDir = parts.stateDir;
  }

  /** Programs get the answer, people get the lines. */
  show(answer: unknown, lines: () => readonly string[]): void {
    if (this.json) this.terminal.line(JSON.stringify(answer));
    else this.terminal.lines(lines());
  }

  /** @throws Problem where the answer is no, or nobody is there to give one. */
  async confirm(question: string, yes: boolean): Promise<void> {
    if (yes) return;
    if (this.json || !this.terminal.asks) {
      throw usage("There is nobody to ask: add --yes once you are sure.");
    }
    if (!(await this.terminal.ask(question))) {
      throw new Problem(EXIT.refused, "not-confirmed", "Nothing was changed.");
    }
  }
}
