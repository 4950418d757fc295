import type { Clock } from "@chela/shared/clock/clock";
import { Refusal } from "@chela/shared/errors/refusal";
import type { Logger } from "pino";
import { CONTROLLER_TTL_MS, type ControllerLease } from "../store/controller-lease.ts";
import { STANDING_BY } from "./stale-controller.ts";

const RENEW_EVERY_MS = 2_000;
/** How soon a console that stands by tries again. */
const CLAIM_EVERY_MS = 1_000;

export interface ActingDeps {
  clock: Clock;
  log: Logger;
  lease: Pick<ControllerLease, "claim" | "renew" | "release" | "holder">;
}

/** Whether this console acts as controller, for all its fleets; else it stands by: it shows, and orders nothing. */
export class Acting {
  readonly #deps: ActingDeps;
  readonly #stops = new Set<() => Promise<void>>();
  #epoch: number | null = null;
  /** On this console's own monotonic clock: past it the lease may have ended. */
  #validUntilMs = Number.NEGATIVE_INFINITY;
  #holder: string | null = null;
  #doubt = new AbortController();

  private constructor(deps: ActingDeps) {
    this.#deps = deps;
  }

  /** At a console's start: an earlier start's lease is taken over at once, another console's is waited for. */
  static async begin(deps: ActingDeps): Promise<Acting> {
    const acting = new Acting(deps);
    await acting.#claim(true);
    return acting;
  }

  /** Null: it stands by, or does not know. */
  get current(): number | null {
    return this.#deps.clock.monotonicMs() < this.#validUntilMs ? this.#epoch : null;
  }

  /** What every write and command carries. @throws Refusal where this console stands by. */
  get epoch(): number {
    const { current } = this;
    if (current === null) throw this.#standsBy();
    return current;
  }

  /** Who acts instead, in a sentence; null: this one. */
  get reason(): string | null {
    return this.current === null ? this.#standsBy().message : null;
  }

  /** Called once this console acts no more; it stands by until all have answered. @returns what takes it back. */
  onEnd(stop: () => Promise<void>): () => void {
    this.#stops.add(stop);
    return () => this.#stops.delete(stop);
  }

  /** Some door has refused an order as stale: looks at once whether this console still acts. */
  doubt(): void {
    this.#doubt.abort();
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const pauseMs = this.#epoch === null ? CLAIM_EVERY_MS : RENEW_EVERY_MS;
      await this.#deps.clock.sleep(pauseMs, AbortSignal.any([signal, this.#doubt.signal]));
      if (signal.aborted) break;
      this.#doubt = new AbortController();
      await (this.#epoch === null ? this.#claim(false) : this.#renew(this.#epoch)).catch((error) =>
        this.#deps.log.error({ err: error }, "the store did not answer about the controller"),
      );
    }
    await this.#release();
  }

  async #claim(restarted: boolean): Promise<void> {
    const { lease, clock, log } = this.#deps;
    const askedMs = clock.monotonicMs();
    const epoch = await lease.claim(restarted);
    if (epoch === null) {
      this.#holder = await lease.holder();
      if (restarted) log.warn({ holder: this.#holder }, "another console acts: this one stands by");
      return;
    }
    this.#epoch = epoch;
    this.#validUntilMs = askedMs + CONTROLLER_TTL_MS;
    log.info({ epoch }, "this console acts as controller");
  }

  async #renew(epoch: number): Promise<void> {
    const { lease, clock, log } = this.#deps;
    const askedMs = clock.monotonicMs();
    if (await lease.renew(epoch)) {
      this.#validUntilMs = askedMs + CONTROLLER_TTL_MS;
      return;
    }
    this.#epoch = null;
    this.#holder = await lease.holder();
    log.error(
      { epoch, holder: this.#holder },
      "another console acts as controller now: this one has stopped and stands by",
    );
    // Whatever was begun under the old epoch has come to its end before there can be a new one: nothing of it goes on
    // under an epoch that it does not know.
    await Promise.all([...this.#stops].map((stop) => stop()));
  }

  async #release(): Promise<void> {
    const epoch = this.#epoch;
    // What is still under way is refused at every door as soon as another console claims.
    this.#epoch = null;
    if (epoch === null) return;
    await this.#deps.lease.release(epoch).catch(() => undefined);
  }

  #standsBy(): Refusal {
    return new Refusal(
      "SERVICE_UNAVAILABLE",
      STANDING_BY,
      this.#epoch === null
        ? `This console stands by: ${this.#holder ?? "another one"} acts as controller. Ask that one, or wait until this one takes over.`
        : "This console has not been able to renew its right to act: wait until its store answers again.",
    );
  }
}
