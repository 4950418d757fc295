import type { Clock } from "@chela/shared/clock/clock";

/** How long a turn that is to be alone waits for those under way, and how long those to come then wait for it. */
const PATIENCE_MS = 10_000;

/** One that is to be alone: until then it is waited for. */
interface Ticket {
  untilMs: number;
}

/**
 * Lets one turn of this gateway run while no other does: for an event that may be what killed the processes which
 * tried it before, so that it takes nobody along. Each wait is bounded: a long turn delays others, it never stops them.
 */
export class Solitude {
  readonly #clock: Clock;
  #together = 0;
  readonly #line: Ticket[] = [];
  #changed = Promise.withResolvers<void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Among others, once nobody is alone or about to be. @returns what to call at the end. */
  async join(signal: AbortSignal): Promise<() => void> {
    await this.#until(() => this.#first() === undefined, signal);
    this.#together += 1;
    return () => {
      this.#together -= 1;
      this.#change();
    };
  }

  /** With nobody else. @returns what to call at the end. */
  async alone(signal: AbortSignal): Promise<() => void> {
    const mine: Ticket = { untilMs: Number.POSITIVE_INFINITY };
    this.#line.push(mine);
    await this.#until(() => this.#first() === mine, signal);
    const patientUntilMs = this.#clock.monotonicMs() + PATIENCE_MS;
    mine.untilMs = patientUntilMs + PATIENCE_MS;
    const patient = () => this.#clock.monotonicMs() < patientUntilMs;
    await this.#until(() => this.#together === 0 || !patient(), signal);
    mine.untilMs = this.#clock.monotonicMs() + PATIENCE_MS;
    return () => {
      this.#line.splice(this.#line.indexOf(mine), 1);
      this.#change();
    };
  }

  /** One whose time is over is waited for no more; it may go on beside others. */
  #first(): Ticket | undefined {
    return this.#line.find(({ untilMs }) => this.#clock.monotonicMs() < untilMs);
  }

  async #until(fulfilled: () => boolean, signal: AbortSignal): Promise<void> {
    while (!fulfilled() && !signal.aborted) {
      const change = new AbortController();
      void this.#changed.promise.then(() => change.abort());
      // That somebody's time is over, nobody announces.
      const leftMs = (this.#first()?.untilMs ?? 0) - this.#clock.monotonicMs();
      const waitMs = Math.min(Math.max(leftMs, 0), PATIENCE_MS);
      await this.#clock.sleep(waitMs, AbortSignal.any([change.signal, signal]));
    }
  }

  #change(): void {
    const { resolve } = this.#changed;
    this.#changed = Promise.withResolvers();
    resolve();
  }
}
