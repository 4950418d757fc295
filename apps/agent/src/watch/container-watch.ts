import type { Clock } from "@chela/shared/clock/clock";
import type { ContainerEvent, ContainerView, Engine } from "../docker/port.ts";

const RETRY_MS = 500;
/** Events tell of changes; this is for what they may have missed. */
const REFRESH_EVERY_MS = 5_000;

export interface ContainerHooks {
  readonly event: (event: ContainerEvent) => void;
  /** The views have changed. */
  readonly changed: () => void;
  /** Docker stopped answering (why) or answers again (null); once each. */
  readonly engine: (error: string | null) => void;
}

/** The fleet's containers of this host as Docker tells: every event at once, and the whole list now and then. */
export class ContainerWatch {
  readonly #engine: Engine;
  readonly #fleet: string;
  readonly #clock: Clock;
  readonly #hooks: ContainerHooks;
  readonly #views = new Map<string, ContainerView>();
  #engineError: string | null = "Docker has not answered yet.";

  constructor(engine: Engine, fleet: string, clock: Clock, hooks: ContainerHooks) {
    this.#engine = engine;
    this.#fleet = fleet;
    this.#clock = clock;
    this.#hooks = hooks;
  }

  get views(): ContainerView[] {
    return [...this.#views.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Why Docker does not answer; null while it does. */
  get engineError(): string | null {
    return this.#engineError;
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#follow(signal), this.#refreshNowAndThen(signal)]);
  }

  /** Asks Docker about one container now. */
  async look(container: string): Promise<void> {
    try {
      const view = await this.#engine.inspect(container);
      if (view === null) this.#views.delete(container);
      else this.#views.set(view.id, view);
      this.#hooks.changed();
    } catch (error) {
      this.#failed(error);
    }
  }

  async #follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        // Listen first, then read: nothing falls between the two.
        const events = this.#engine.events(this.#fleet, signal, () => void this.#refresh());
        for await (const event of events) {
          this.#hooks.event(event);
          await this.look(event.container);
        }
      } catch (error) {
        this.#failed(error);
      }
      await this.#clock.sleep(RETRY_MS, signal);
    }
  }

  async #refreshNowAndThen(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#refresh();
      await this.#clock.sleep(REFRESH_EVERY_MS, signal);
    }
  }

  async #refresh(): Promise<void> {
    try {
      const views = await this.#engine.list(this.#fleet);
      this.#views.clear();
      for (const view of views) this.#views.set(view.id, view);
      this.#answers(null);
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    this.#answers((error as Error).message);
  }

  #answers(error: string | null): void {
    if (error !== this.#engineError) this.#hooks.engine(error);
    this.#engineError = error;
    this.#hooks.changed();
  }
}
