import type { Clock } from "@chela/shared/clock/clock";
import type { Outbound, Sent } from "../channel/channel.ts";
import type { Random } from "./random.ts";

/** A message to the vendor: what the vendor got of it, and how often nobody could know. */
export interface Sending {
  firstTakenAtMs: number;
  taken: number;
  /** Sends that ended without their sender knowing how. */
  unknown: number;
  /** Epochs whose holder found the claim of another: a send that had begun. */
  readonly foundOpen: Set<number>;
}

/** A channel whose vendor tells messages apart repeats an unknown send; another one must not. */
export const REPEATING = "repeating";
export const ONCE_ONLY = "once-only";

/** One vendor's messages API, with everything that ever reached it. */
export class SimulatedVendor {
  troubled = true;
  readonly #sendings = new Map<string, Sending>();
  readonly #random: Random;
  readonly #nowMs: () => number;

  constructor(random: Random, nowMs: () => number) {
    this.#random = random;
    this.#nowMs = nowMs;
  }

  sending(message: string): Sending {
    const known = this.#sendings.get(message);
    if (known !== undefined) return known;
    const firstTakenAtMs = Number.POSITIVE_INFINITY;
    const made: Sending = { firstTakenAtMs, taken: 0, unknown: 0, foundOpen: new Set() };
    this.#sendings.set(message, made);
    return made;
  }

  /** The way one gateway sends through a channel; null for channels without a vendor. */
  outbound(channel: string, clock: Clock): Outbound | null {
    if (channel !== REPEATING && channel !== ONCE_ONLY) return null;
    return {
      messages: (reply) => messagesOf(reply),
      resend: () => (channel === REPEATING ? "repeat" : "give-up"),
      send: async (message, signal) => {
        const sending = this.sending(message);
        const sent = await this.#send(sending, clock, signal);
        if (sent.kind === "unknown") sending.unknown += 1;
        return sent;
      },
    };
  }

  async #send(sending: Sending, clock: Clock, signal: AbortSignal): Promise<Sent> {
    const draw = this.troubled ? this.#random.next() : 1;
    await clock.sleep(this.#random.between(1, 40), signal);
    // Broken off: the vendor has it, or has not.
    if (signal.aborted && this.#random.chance(0.5)) return { kind: "unknown", reason: "aborted" };
    if (draw < 0.05) {
      return { kind: "later", reason: "429", retryAfterMs: this.#random.between(10, 300) };
    }
    if (draw < 0.07) return { kind: "unknown", reason: "cut before it was taken" };
    if (sending.taken === 0) sending.firstTakenAtMs = this.#nowMs();
    sending.taken += 1;
    if (signal.aborted || draw < 0.09) return { kind: "unknown", reason: "cut after it was taken" };
    return { kind: "sent" };
  }
}

/** An answer goes out in two parts; `reply` is the event's own address. */
export const messagesOf = (reply: string): string[] => [`${reply} 1/2`, `${reply} 2/2`];
