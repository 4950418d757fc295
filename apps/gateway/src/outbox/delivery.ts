import type { Clock } from "@chela/shared/clock/clock";
import type { Outbound } from "../channel/channel.ts";

const RETRY_FIRST_MS = 500;
const RETRY_MAX_MS = 60_000;
const REDIS_RETRY_MS = 200;
/** Older than this, a reply helps nobody. */
const AGE_MAX_MS = 24 * 3_600_000;

/** A message for a channel's vendor, as the outbox lists it. */
export interface OutboxEntry {
  /** Stream id; its first part is Redis' time when it was written. */
  readonly id: string;
  readonly channel: string;
  readonly sessionKey: string;
}

/** `epoch`: under which its send began, or is about to; the claimer's own, unless an earlier holder left it open. */
export type Claim =
  | { readonly kind: "claimed"; readonly epoch: number; readonly message: string }
  | { readonly kind: "fenced" }
  | { readonly kind: "gone" };

/** Why a reply was given up: a stable code, and the same in words. */
export interface GivenUp {
  readonly reason: "refused" | "outcome-unknown" | "too-old" | "channel-gone";
  readonly detail: string;
}

/** What an attempt came to, for log and figures. */
export type SendEvent =
  | { readonly outcome: "sent" }
  | { readonly outcome: "retried"; readonly detail: string }
  | ({ readonly outcome: "given-up" } & GivenUp);

export interface DeliveryDeps {
  readonly clock: Clock;
  /** Redis' time, ms. */
  readonly redisNowMs: () => number;
  readonly outbound: (channel: string) => Outbound | null;
  readonly onSend: (channel: string, event: SendEvent) => void;
}

/** What a delivery needs of the holder whose lease it sends under. */
export interface Sender {
  readonly epoch: number;
  /** Claims the entry under the lease. */
  claim(id: string): Promise<Claim>;
  unclaim(id: string): Promise<void>;
  settle(id: string, givenUp: GivenUp | null): Promise<void>;
  /** By this process's own monotonic clock: the lease holds and nobody asked for the shard back. */
  maySend(): boolean;
  /** Redis says that the lease is another's. */
  lost(): void;
  /** Ends a send on its way. */
  readonly signal: AbortSignal;
}

/**
 * One reply on its way out: claimed in Redis, sent, settled. A crash leaves the claim standing, and whoever takes
 * over knows by it that the outcome of that send is unknown; what follows is the channel's policy (`resend`).
 *
 * What remains: a process that stops between claim and send leaves a claim although nothing was sent (then a
 * `give-up` channel loses the reply to the dead letters), and one that is paused between its look at the clock and
 * the first byte, while the connection to the vendor opens, may send after its lease ended (then a `repeat` channel
 * says it twice). See docs/decisions/0010.
 */
export class Delivery {
  readonly #deps: DeliveryDeps;
  readonly #sender: Sender;
  readonly #entry: OutboxEntry;
  #tries = 0;
  /** A send began and nobody knows how it ended: its claim stands until the entry is settled. */
  #unknown = false;

  constructor(deps: DeliveryDeps, sender: Sender, entry: OutboxEntry) {
    this.#deps = deps;
    this.#sender = sender;
    this.#entry = entry;
  }

  /** Null: over, or left to the next holder; else how long to wait before the next attempt, ms. Never throws. */
  async attempt(): Promise<number | null> {
    const { channel, id } = this.#entry;
    const outbound = this.#deps.outbound(channel);
    if (outbound === null) return this.#giveUp("channel-gone", `${channel} is not configured`);

    const claim = await this.#sender.claim(id).catch(() => null);
    if (claim === null) return REDIS_RETRY_MS;
    if (claim.kind === "fenced") this.#sender.lost();
    if (claim.kind !== "claimed") return null;
    if (claim.epoch !== this.#sender.epoch && !this.#unknown) {
      this.#unknown = true;
      if (outbound.resend(claim.message) === "give-up") {
        return this.#giveUp("outcome-unknown", "The gateway that was sending it ended meanwhile");
      }
    }
    // The last look at the clock before the vendor is called: nothing may be awaited between the two.
    if (!this.#sender.maySend()) {
      await this.#unclaim();
      return null;
    }
    return this.#send(outbound, claim.message);
  }

  async #send(outbound: Outbound, message: string): Promise<number | null> {
    const { signal } = this.#sender;
    const sent = await outbound.send(message, signal);
    switch (sent.kind) {
      case "sent":
        return this.#settle(null);
      case "refused":
        return this.#giveUp("refused", sent.reason);
      case "later":
        await this.#unclaim();
        return this.#again(sent.reason, sent.retryAfterMs);
      case "unknown":
        // Broken off with the lease: the claim stands, and the next holder decides.
        if (signal.aborted) return null;
        this.#unknown = true;
        if (outbound.resend(message) === "give-up") {
          return this.#giveUp("outcome-unknown", sent.reason);
        }
        return this.#again(sent.reason, null);
    }
  }

  async #again(detail: string, retryAfterMs: number | null): Promise<number | null> {
    const ageMs = this.#deps.redisNowMs() - Number(this.#entry.id.split("-")[0]);
    if (ageMs > AGE_MAX_MS) return this.#giveUp("too-old", detail);
    this.#deps.onSend(this.#entry.channel, { outcome: "retried", detail });
    const backoffMs = Math.min(RETRY_FIRST_MS * 2 ** Math.min(this.#tries++, 10), RETRY_MAX_MS);
    return retryAfterMs ?? backoffMs;
  }

  /** Only what was certainly not sent loses its claim. Should Redis be away, our own claim does not stop us. */
  async #unclaim(): Promise<void> {
    if (this.#unknown) return;
    await this.#sender.unclaim(this.#entry.id).catch(() => {
      // Then whoever takes over takes it for a send whose outcome is unknown.
    });
  }

  #giveUp(reason: GivenUp["reason"], detail: string): Promise<null> {
    return this.#settle({ reason, detail });
  }

  /**
   * Until Redis has noted it, this session sends nothing further: the note is what keeps a reply from being sent
   * again. Tried once even after the lease is gone: what was sent has been sent.
   */
  async #settle(givenUp: GivenUp | null): Promise<null> {
    const { channel, id } = this.#entry;
    this.#deps.onSend(
      channel,
      givenUp === null ? { outcome: "sent" } : { outcome: "given-up", ...givenUp },
    );
    do {
      try {
        await this.#sender.settle(id, givenUp);
        return null;
      } catch {
        await this.#deps.clock.sleep(REDIS_RETRY_MS, this.#sender.signal);
      }
    } while (!this.#sender.signal.aborted);
    return null;
  }
}
