import { API_CHANNEL, type InboundEvent } from "../inbox/event.ts";
import type { Fate } from "./laws.ts";
import { LETHAL, POISON } from "./simulated-assistant.ts";
import { ONCE_ONLY, REPEATING } from "./simulated-vendor.ts";
import type { World } from "./world.ts";

const CHANNELS = [API_CHANNEL, REPEATING, ONCE_ONLY];
const TIMEOUT_MS = 900;

/** What may happen on the way between callers and gateways. */
export interface Streets {
  lossy: boolean;
}

/** Callers behave like vendors: they send an event until it is answered 2xx, to any gateway, sometimes once more. */
export class Clients {
  readonly fates: Fate[] = [];
  readonly #world: World;
  /** Requests that are on their way, late ones too. */
  #travelling = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Sessions write within `spanMs`. */
  start(spanMs: number): void {
    const { random, timeline } = this.#world;
    const sessions = random.integer(2, 4);
    const bad = random.chance(0.2) ? `${random.integer(0, 3)}.${random.integer(0, 4)}` : "";
    const badText = random.pick([POISON, LETHAL]);
    for (let session = 0; session < sessions; session++) {
      const channel = random.pick(CHANNELS);
      const sessionKey = `${channel}:${session}`;
      const count = random.integer(1, 5);
      let atMs = random.between(0, spanMs / 2);
      for (let n = 0; n < count; n++) {
        const eventId = `${session}.${n}`;
        const text = eventId === bad ? badText : eventId;
        const event: InboundEvent = {
          channel,
          sessionKey,
          eventId,
          text,
          reply: channel === API_CHANNEL ? "" : eventId,
          request: null,
        };
        timeline.at(atMs, () => this.#send(event));
        atMs = Math.min(spanMs, atMs + random.between(0, 600));
      }
    }
  }

  /** Nothing is on its way, and every event was answered or given up. */
  get quiet(): boolean {
    const open = (fate: Fate) => fate.ackedAtMs === null && !fate.abandoned;
    return this.#travelling === 0 && !this.fates.some(open);
  }

  #send(event: InboundEvent): void {
    const { random, timeline } = this.#world;
    const fate: Fate = {
      event,
      sentAtMs: timeline.nowMs,
      ackedAtMs: null,
      abandoned: false,
    };
    this.fates.push(fate);
    // Some callers have no patience: a person who closes the page, a script without retries.
    this.#try(fate, random.chance(0.05) ? random.integer(1, 2) : Number.POSITIVE_INFINITY);
  }

  #try(fate: Fate, patience: number): void {
    const { random, timeline } = this.#world;
    let over = false;
    const once = (then: () => void) => () => {
      if (over) return;
      over = true;
      then();
    };
    const answered = (ok: boolean) => {
      if (ok) {
        fate.ackedAtMs ??= timeline.nowMs;
        if (random.chance(0.25)) timeline.after(random.between(1, 900), () => this.#repeat(fate));
      } else if (patience <= 1) fate.abandoned = true;
      else timeline.after(random.between(20, 400), () => this.#try(fate, patience - 1));
    };
    timeline.after(
      TIMEOUT_MS,
      once(() => answered(false)),
    );
    this.#request(fate, (ok) => once(() => answered(ok))());
  }

  /** Vendors repeat what was answered, too. */
  #repeat(fate: Fate): void {
    this.#request(fate, () => {});
  }

  #request({ event }: Fate, answer: (ok: boolean) => void): void {
    const { random, timeline, streets } = this.#world;
    const lost = () => streets.lossy && random.chance(0.06);
    const delay = () =>
      random.between(0.2, 5) +
      (streets.lossy && random.chance(0.06) ? random.between(0, 2_000) : 0);
    if (lost()) return;
    this.#travelling += 1;
    timeline.after(delay(), () => {
      this.#travelling -= 1;
      const gateway = random.pick(this.#world.gateways);
      // Nobody listens: refused at once.
      if (!gateway.alive()) {
        timeline.after(1, () => answer(false));
        return;
      }
      gateway.process.after(0, () => {
        void gateway.store(event).then(({ outcome }) => {
          const ok = outcome !== "unavailable";
          this.#world.note?.(`${gateway} answers ${event.eventId}: ${outcome}`);
          if (!lost()) timeline.after(delay(), () => answer(ok));
        });
      });
    });
  }
}
