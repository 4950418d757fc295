import type { Clock } from "@chela/shared/clock/clock";
import type { Self } from "@chela/shared/lease/snapshot";
import type { LeaseStore, SeenMember } from "./store.ts";

export interface PresenceDeps {
  store: LeaseStore;
  name: string;
  incarnation: string;
  version: string;
  /** Share of shards relative to the others. */
  weight: number;
  assistantUp: () => boolean;
  inFlight: () => number;
  clock: Clock;
}

/** This gateway as the others see it: its heartbeat, its tilt, and Redis' time, which the heartbeat brings home. */
export class Presence {
  readonly #deps: PresenceDeps;
  readonly #everyMs: number;
  #beat = 0;
  #since: number | null = null;
  #sentAtMs = Number.NEGATIVE_INFINITY;
  #sentFlags = "";
  #tiltedAtMs: number | null = null;
  #redisOffsetMs: number | null = null;
  #runId = "";
  draining = false;
  stopByMs: number | null = null;

  constructor(deps: PresenceDeps, everyMs: number) {
    this.#deps = deps;
    this.#everyMs = everyMs;
  }

  /** Null until the first heartbeat was answered: nobody else would know of this gateway. */
  self(): Self | null {
    if (this.#since === null) return null;
    const { name, incarnation, weight } = this.#deps;
    const { draining, stopByMs } = this;
    const since = this.#since;
    return { name, incarnation, weight, since, stopByMs, draining, ...this.#state() };
  }

  /** Observe, but do not act, until a heartbeat that was sent from now on is answered. */
  tilt(): void {
    this.#tiltedAtMs = this.#deps.clock.monotonicMs();
  }

  tilted(): boolean {
    return this.#tiltedAtMs !== null;
  }

  due(): boolean {
    const passed = this.#deps.clock.monotonicMs() - this.#sentAtMs;
    return this.tilted() || passed >= this.#everyMs || this.#sentFlags !== this.#flags();
  }

  /** Answers true when another Redis process answers than before. Throws when none does. */
  async beat(dead: readonly SeenMember[]): Promise<boolean> {
    const { store, clock, name, incarnation, version, weight, inFlight } = this.#deps;
    const flags = this.#flags();
    const sentAtMs = clock.monotonicMs();
    const report = { name, incarnation, version, weight, draining: this.draining };
    const pulse = await store.heartbeat(
      {
        ...report,
        ...this.#state(),
        beat: ++this.#beat,
        inFlight: inFlight(),
        since: this.#since,
      },
      dead,
    );
    const receivedAtMs = clock.monotonicMs();
    this.#sentAtMs = sentAtMs;
    this.#sentFlags = flags;
    this.#since ??= pulse.redisMs;
    this.#redisOffsetMs = pulse.redisMs - (sentAtMs + receivedAtMs) / 2;
    if (this.#tiltedAtMs !== null && sentAtMs >= this.#tiltedAtMs) this.#tiltedAtMs = null;

    const another = this.#runId !== "" && this.#runId !== pulse.runId;
    this.#runId = pulse.runId;
    return another;
  }

  /** Redis' time now, ms; null until the first heartbeat was answered. */
  redisNowMs(): number | null {
    return this.#redisOffsetMs === null
      ? null
      : this.#deps.clock.monotonicMs() + this.#redisOffsetMs;
  }

  #state() {
    return { assistantUp: this.#deps.assistantUp(), tilt: this.tilted() };
  }

  #flags(): string {
    return JSON.stringify([this.draining, this.#state()]);
  }
}
