import type { Clock } from "@chela/shared/clock/clock";
import type { Random } from "./random.ts";
import type { Owner, TimedEvent, Timeline } from "./timeline.ts";

/** One start of one program: its clocks run a little fast or slow, it can be paused, and it can die. */
export class SimulatedProcess implements Owner {
  readonly clock: Clock;
  readonly #timeline: Timeline;
  #state: "running" | "paused" | "dead" = "running";
  /** What would have happened to it while it was paused. */
  #missed: TimedEvent[] = [];
  #wallAheadMs: number;

  constructor(timeline: Timeline, rate: number, wallAheadMs: number) {
    this.#timeline = timeline;
    this.#wallAheadMs = wallAheadMs;
    this.clock = {
      monotonicMs: () => timeline.nowMs * rate,
      wallMs: () => WALL_START_MS + timeline.nowMs * rate + this.#wallAheadMs,
      sleep: (ms, signal) => {
        if (signal === undefined) {
          return new Promise((resolve) => void this.after(ms / rate, resolve));
        }
        if (signal.aborted) return Promise.resolve();
        return new Promise((resolve) => {
          const stop = () => {
            timer.run = null;
            resolve();
          };
          const timer = this.after(ms / rate, () => {
            signal.removeEventListener("abort", stop);
            resolve();
          });
          signal.addEventListener("abort", stop, { once: true });
        });
      },
    };
  }

  get alive(): boolean {
    return this.#state !== "dead";
  }

  /** Something happens inside this process, unless it has died by then; while it is paused, afterwards. */
  after(ms: number, run: () => void): TimedEvent {
    return this.#timeline.after(ms, run, this);
  }

  happen(event: TimedEvent): void {
    if (this.#state === "running") event.run?.();
    else if (this.#state === "paused") this.#missed.push(event);
  }

  pause(): void {
    if (this.#state === "running") this.#state = "paused";
  }

  /** Timers that fell due and answers that came meanwhile are found in any order. */
  resume(random: Random): void {
    if (this.#state !== "paused") return;
    this.#state = "running";
    const missed = this.#missed;
    this.#missed = [];
    if (random.chance(0.5)) missed.reverse();
    for (const event of missed) this.after(0, () => event.run?.());
  }

  kill(): void {
    this.#state = "dead";
    this.#missed = [];
  }

  jumpWall(ms: number): void {
    this.#wallAheadMs += ms;
  }
}

/** Wall time when a simulation begins; the store's own clock runs exactly. */
export const WALL_START_MS = 1_700_000_000_000;
