import type { Clock } from "@chela/shared/clock/clock";
import type { Assistant } from "./assistant.ts";
import { asked, type Breaker, CLOSED, type Finding, found, mayAsk, probed } from "./breaker.ts";

const PROBE_EVERY_UP_MS = 10_000;
const PROBE_EVERY_DOWN_MS = 1_000;

/** How a turn tells what it found out about the assistant; at its end at the latest. */
export type Report = (finding: Finding) => void;

/**
 * Whether the assistant works as seen from here: turns tell, and a probe where no turn does. One mechanism for
 * both who waits (turns) and who is told (the lease loop: another gateway's assistant may work).
 */
export class AssistantHealth {
  readonly #assistant: Assistant;
  readonly #clock: Clock;
  readonly #stop = new AbortController();
  #breaker: Breaker = CLOSED;
  #workedAtMs = Number.NEGATIVE_INFINITY;
  #waiting: (() => void)[] = [];
  #onOpen: () => void = () => {};

  constructor(assistant: Assistant, clock: Clock) {
    this.#assistant = assistant;
    this.#clock = clock;
  }

  up(): boolean {
    return this.#breaker.state !== "open";
  }

  /** Resolves once a turn may ask the assistant; null: `signal` was aborted before. */
  async admit(signal: AbortSignal): Promise<Report | null> {
    while (!signal.aborted) {
      if (mayAsk(this.#breaker)) {
        this.#become(asked(this.#breaker));
        return (finding) => this.#report(finding);
      }
      await this.#change(signal);
    }
    return null;
  }

  start(): void {
    void this.#probe();
  }

  stop(): void {
    this.#stop.abort();
  }

  #report(finding: Finding): void {
    const nowMs = this.#clock.monotonicMs();
    if (finding === "worked") this.#workedAtMs = nowMs;
    this.#become(found(this.#breaker, finding, nowMs));
  }

  #become(breaker: Breaker): void {
    if (breaker === this.#breaker) return;
    this.#breaker = breaker;
    if (breaker.state === "open") this.#onOpen();
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Resolves at the breaker's next change, or when `signal` aborts. */
  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        signal.removeEventListener("abort", gone);
        resolve();
      };
      const gone = () => {
        this.#waiting = this.#waiting.filter((waiting) => waiting !== wake);
        resolve();
      };
      this.#waiting.push(wake);
      signal.addEventListener("abort", gone, { once: true });
    });
  }

  async #probe(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const askedAtMs = this.#clock.monotonicMs();
      const reachable = await this.#assistant.reachable(signal);
      // A turn that was answered meanwhile knows better than a probe that was not.
      if (reachable || this.#workedAtMs < askedAtMs) {
        this.#become(probed(this.#breaker, reachable, this.#clock.monotonicMs()));
      }
      await this.#rest();
    }
  }

  /** Until the next probe is due: soon while the assistant is down, also when that is found out meanwhile. */
  async #rest(): Promise<void> {
    const { signal } = this.#stop;
    const opened = new AbortController();
    this.#onOpen = () => opened.abort();
    const restless = AbortSignal.any([opened.signal, signal]);
    if (this.up()) await this.#clock.sleep(PROBE_EVERY_UP_MS, restless);
    if (!this.up()) await this.#clock.sleep(PROBE_EVERY_DOWN_MS, signal);
  }
}
