import type { Clock } from "@chela/shared/clock/clock";
import type { Assistant } from "./assistant.ts";

const PROBE_EVERY_UP_MS = 10_000;
const PROBE_EVERY_DOWN_MS = 1_000;

/** Whether the assistant works as seen from here: turns tell, and a probe where no turn does. */
export class AssistantHealth {
  readonly #assistant: Assistant;
  readonly #clock: Clock;
  readonly #stop = new AbortController();
  #up = true;

  constructor(assistant: Assistant, clock: Clock) {
    this.#assistant = assistant;
    this.#clock = clock;
  }

  up(): boolean {
    return this.#up;
  }

  report(up: boolean): void {
    this.#up = up;
  }

  start(): void {
    void this.#run();
  }

  stop(): void {
    this.#stop.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      this.#up = await this.#assistant.reachable(signal);
      await this.#clock.sleep(this.#up ? PROBE_EVERY_UP_MS : PROBE_EVERY_DOWN_MS, signal);
    }
  }
}
