import type { Clock } from "@chela/shared/clock/clock";
import type { FleetSpec } from "@chela/shared/fleet/spec";
import type { Logger } from "pino";
import { noSuchFleet } from "../controller/refusals.ts";
import type { FleetState } from "../state/read-state.ts";
import type { FleetOwn, FleetRuntime } from "./runtime.ts";

/** Another console of the same store may have made one, or removed it. */
const FOLLOW_EVERY_MS = 5_000;

export interface FleetsDeps {
  clock: Clock;
  log: Logger;
  /** The console's first fleet, named CHELA_NAME: the one with a host beside the console. */
  first: FleetSpec;
  /** Of that host. */
  local: NonNullable<FleetOwn["local"]>;
  /** All that the store knows. */
  known(): Promise<FleetSpec[]>;
  stateOf(fleet: string): Promise<FleetState>;
  open(own: FleetOwn): Promise<FleetRuntime>;
}

interface Running {
  runtime: FleetRuntime;
  stop: AbortController;
  /** Settled once nothing of it goes on. */
  ended: Promise<void>;
}

/** The fleets of this console. Each runs by itself; one may begin or end while the others go on. */
export class Fleets {
  readonly #deps: FleetsDeps;
  readonly #fleets = new Map<string, Running>();
  readonly #told = new Map<string, string>();
  #signal: AbortSignal | null = null;
  /** Fleets begin and end one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(deps: FleetsDeps) {
    this.#deps = deps;
  }

  /** Opens the first fleet, and those that were made since. Nothing runs before `run`. */
  static async open(deps: FleetsDeps): Promise<Fleets> {
    const fleets = new Fleets(deps);
    await fleets.begin(deps.first);
    await fleets.#follow();
    return fleets;
  }

  get first(): string {
    return this.#deps.first.fleet;
  }

  /** The first fleet first. */
  get names(): string[] {
    return [...this.#fleets.keys()];
  }

  get all(): FleetRuntime[] {
    return [...this.#fleets.values()].map(({ runtime }) => runtime);
  }

  find(fleet: string): FleetRuntime | undefined {
    return this.#fleets.get(fleet)?.runtime;
  }

  /** @throws Refusal NOT_FOUND */
  get(fleet: string): FleetRuntime {
    const runtime = this.find(fleet);
    if (runtime === undefined) throw noSuchFleet(fleet, this.names);
    return runtime;
  }

  /** Fleets neither begin nor end while `work` runs. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  /** Opens one, and starts it where the others run. @param spec what it is at its very first start. */
  async begin(spec: FleetSpec): Promise<FleetRuntime> {
    const runtime = await this.#deps.open({
      first: spec,
      state: await this.#deps.stateOf(spec.fleet),
      local: spec.fleet === this.first ? this.#deps.local : null,
    });
    const running = { runtime, stop: new AbortController(), ended: Promise.resolve() };
    this.#fleets.set(spec.fleet, running);
    if (this.#signal !== null) this.#start(running, this.#signal);
    return runtime;
  }

  /** Nothing of it goes on afterwards; what it kept stays. */
  async end(fleet: string): Promise<void> {
    const running = this.#fleets.get(fleet);
    this.#fleets.delete(fleet);
    running?.stop.abort();
    await running?.ended;
  }

  /** All of them, and those that come later, until `signal` is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#deps;
    this.#signal = signal;
    for (const running of this.#fleets.values()) this.#start(running, signal);
    while (!signal.aborted) {
      await clock.sleep(FOLLOW_EVERY_MS, signal);
      if (signal.aborted) break;
      await this.inTurn(() => this.#follow()).catch((error) =>
        log.error({ err: error }, "the store did not say which fleets there are"),
      );
    }
    await Promise.all([...this.#fleets.values()].map(({ ended }) => ended));
  }

  async #follow(): Promise<void> {
    const known = await this.#deps.known();
    for (const spec of known) {
      if (!this.#fleets.has(spec.fleet)) await this.#try(spec);
    }
    for (const fleet of this.names) {
      if (fleet !== this.first && !known.some((spec) => spec.fleet === fleet))
        await this.end(fleet);
    }
  }

  /** A fleet whose files are broken keeps no other one from running; it is said once and tried again. */
  async #try(spec: FleetSpec): Promise<void> {
    const { fleet } = spec;
    try {
      await this.begin(spec);
      this.#told.delete(fleet);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (this.#told.get(fleet) !== message) this.#deps.log.error({ fleet, err: error }, message);
      this.#told.set(fleet, message);
    }
  }

  #start(running: Running, signal: AbortSignal): void {
    running.ended = running.runtime.run(AbortSignal.any([signal, running.stop.signal]));
  }
}
