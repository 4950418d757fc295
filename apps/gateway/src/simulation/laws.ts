import type { InboundEvent, InboxEntry } from "../inbox/event.ts";
import type { Begun, Committed, Holder, Outcome } from "../inbox/redis-inbox.ts";
import type { LiveMessage } from "../live/word.ts";
import type { ShardGrant } from "../shard/shard-work.ts";
import type { SimulatedVendor } from "./simulated-vendor.ts";
import type { DeadLetter } from "./store/store.ts";

const ATTEMPTS_MAX = 5;
/** From before its last good renewal was sent, a holder that was fenced may think itself one for so long. */
const FENCED_WORKS_ON_MAX_MS = 2_000;

/** What the laws ask of a gateway. */
export interface Suspect {
  readonly name: string;
  readonly incarnation: string;
  readonly alive: () => boolean;
}

interface Grant {
  readonly suspect: Suspect;
  readonly grant: ShardGrant;
}

/** An event as the world sees it from outside. */
export interface Fate {
  readonly event: InboundEvent;
  sentAtMs: number;
  /** Answered 2xx. */
  ackedAtMs: number | null;
  abandoned: boolean;
}

/** What must never happen, looked at while things happen. The first breach counts: what follows is its consequence. */
export class Laws {
  breach: string | null = null;
  readonly #nowMs: () => number;
  readonly #grants = new Map<number, Grant[]>();
  /** Highest epoch granted, or set by a fence, by shard. */
  readonly #epochs = new Map<number, number>();
  /** Leases that were taken and not given back. */
  readonly #standing = new Map<number, { epoch: number; incarnation: string }>();
  readonly #fences = new Map<number, { epoch: number; atMs: number }>();
  /** Writer of each shard and epoch. */
  readonly #writers = new Map<string, string>();
  readonly #attempts = new Map<string, number>();
  readonly #givenUp = new Set<string>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** `seenFree`: whoever took it had seen no lease. */
  acquired({ shard, epoch }: Holder, suspect: Suspect, seenFree: boolean): void {
    const highest = this.#epochs.get(shard) ?? 0;
    if (epoch <= highest)
      this.#broken(`shard ${shard}: epoch ${epoch} was granted after ${highest}`);
    const standing = this.#standing.get(shard);
    if (seenFree && standing !== undefined) {
      const lost = `the lease of epoch ${standing.epoch}, which nobody gave back, is gone`;
      this.#broken(`shard ${shard}: ${lost}`);
    }
    this.#epochs.set(shard, Math.max(highest, epoch));
    this.#standing.set(shard, { epoch, incarnation: suspect.incarnation });
  }

  released({ shard, epoch }: Holder): void {
    if (this.#standing.get(shard)?.epoch === epoch) this.#standing.delete(shard);
  }

  /** Its container has died, and its leases were given back for it. */
  died(incarnation: string): void {
    for (const [shard, standing] of this.#standing) {
      if (standing.incarnation === incarnation) this.#standing.delete(shard);
    }
  }

  fenced(shard: number, epoch: number): void {
    this.#standing.delete(shard);
    this.#epochs.set(shard, epoch);
    this.#fences.set(shard, { epoch, atMs: this.#nowMs() });
  }

  /** Everything was lost, epochs too: only what gateways remember keeps them rising. */
  wiped(): void {
    this.#standing.clear();
    this.#epochs.clear();
    this.#writers.clear();
  }

  granted(suspect: Suspect, grant: ShardGrant): void {
    const others = this.#grants.get(grant.shard) ?? [];
    const valid = others.filter((other) => other.suspect.alive() && other.grant.isValid());
    this.#grants.set(grant.shard, [...valid, { suspect, grant }]);
  }

  /** Looked at after every event. */
  oneHolder(): void {
    for (const [shard, grants] of this.#grants) {
      if (grants.length < 2) continue;
      const fence = this.#fences.get(shard);
      const valid = grants.filter(({ suspect, grant }) => suspect.alive() && grant.isValid());
      const counted = valid.filter(
        ({ grant }) =>
          fence === undefined ||
          grant.epoch >= fence.epoch ||
          this.#nowMs() - fence.atMs > FENCED_WORKS_ON_MAX_MS,
      );
      if (counted.length > 1) {
        const who = counted.map(({ suspect, grant }) => `${suspect.name} (epoch ${grant.epoch})`);
        this.#broken(`shard ${shard} has two holders at once: ${who.join(", ")}`);
      }
      this.#grants.set(shard, valid);
    }
  }

  /** Who holds a shard by its own belief; null: nobody. */
  holderOf(shard: number): string | null {
    const grants = this.#grants.get(shard) ?? [];
    const valid = grants.find(({ suspect, grant }) => suspect.alive() && grant.isValid());
    return valid?.suspect.incarnation ?? null;
  }

  began(holder: Holder, suspect: Suspect, entryId: string, begun: Begun): void {
    if (begun !== "begun") return;
    this.#fencing("a turn was begun", holder, suspect);
    const attempts = (this.#attempts.get(`${holder.shard}/${entryId}`) ?? 0) + 1;
    this.#attempts.set(`${holder.shard}/${entryId}`, attempts);
    if (attempts > ATTEMPTS_MAX) {
      this.#broken(`shard ${holder.shard}: an event was begun ${attempts} times`);
    }
  }

  gaveBack(shard: number, entryId: string): void {
    const attempts = this.#attempts.get(`${shard}/${entryId}`) ?? 0;
    this.#attempts.set(`${shard}/${entryId}`, Math.max(0, attempts - 1));
  }

  committed(
    holder: Holder,
    suspect: Suspect,
    entry: InboxEntry,
    outcome: Outcome,
    committed: Committed,
  ): void {
    if (committed !== "committed") return;
    this.#fencing(`event ${entry.eventId} was committed`, holder, suspect);
    const attempts = this.#attempts.get(`${holder.shard}/${entry.id}`) ?? 0;
    if (outcome.deadReason !== "" && attempts < ATTEMPTS_MAX) {
      this.#broken(`event ${entry.eventId} was given up after ${attempts} attempts`);
    }
  }

  renewed(holder: Holder, suspect: Suspect): void {
    this.#fencing("its lease was renewed", holder, suspect);
  }

  claimed(holder: Holder, suspect: Suspect): void {
    this.#fencing("a reply was claimed", holder, suspect);
  }

  /** A write under an epoch that is not the newest, or by a second writer of that epoch. */
  #fencing(what: string, { shard, epoch }: Holder, { name, incarnation }: Suspect): void {
    const newest = this.#epochs.get(shard) ?? 0;
    if (epoch < newest) {
      this.#broken(`shard ${shard}: ${what} by ${name} under epoch ${epoch}, after ${newest}`);
    }
    const key = `${shard}/${epoch}`;
    const writer = this.#writers.get(key) ?? incarnation;
    this.#writers.set(key, writer);
    if (writer !== incarnation) this.#broken(`shard ${shard}: epoch ${epoch} has two writers`);
  }

  /** The history of one session, when everything is over. */
  history(messages: readonly LiveMessage[], fates: readonly Fate[]): void {
    const places = new Map<string, number>();
    let previous = "";
    for (const [index, message] of messages.entries()) {
      if (message.previous !== previous) this.#broken(`message ${message.eventId}: wrong previous`);
      previous = message.eventId;
      if (message.role === "user") {
        if (places.has(message.event)) this.#broken(`event ${message.event} has its effect twice`);
        places.set(message.event, index);
      } else if (messages[index - 1]?.event !== message.event || index % 2 === 0) {
        this.#broken(`an answer to ${message.event} stands alone`);
      }
    }
    if (messages.length !== 2 * places.size) this.#broken("a message has no answer");

    for (const fate of fates) {
      const place = places.get(fate.event.eventId);
      if (place === undefined) {
        if (fate.ackedAtMs !== null)
          this.#broken(`event ${fate.event.eventId} was accepted and lost`);
        continue;
      }
      for (const earlier of fates) {
        if (earlier.ackedAtMs === null || earlier.ackedAtMs >= fate.sentAtMs) continue;
        if ((places.get(earlier.event.eventId) ?? -1) > place) {
          const [one, other] = [earlier.event.eventId, fate.event.eventId];
          this.#broken(`event ${other}, sent after the 2xx of ${one}, stands before it`);
        }
      }
    }
  }

  /** The replies of one session, in the order in which they were committed, when everything is over. */
  replies(messages: readonly string[], vendor: SimulatedVendor, repeating: boolean): void {
    let latestMs = Number.NEGATIVE_INFINITY;
    for (const message of messages) {
      const { taken, unknown, foundOpen, firstTakenAtMs } = vendor.sending(message);
      const uncertain = unknown + foundOpen.size;
      const givenUp = this.#givenUp.has(message);
      if (taken === 0 && !givenUp) this.#broken(`reply ${message} was never sent`);
      if (taken > 1 + (repeating ? uncertain : 0)) {
        this.#broken(`reply ${message} was sent ${taken} times, ${uncertain} ends unknown`);
      }
      if (givenUp && (repeating || uncertain === 0)) {
        this.#broken(`reply ${message} was given up without need`);
      }
      // One that was given up may still arrive from a gateway that slept between claim and send.
      if (taken === 0 || givenUp) continue;
      if (firstTakenAtMs < latestMs) this.#broken(`reply ${message} overtook the one before it`);
      latestMs = firstTakenAtMs;
    }
  }

  deadLetters(letters: readonly DeadLetter[], roles: ReadonlyMap<string, string>): void {
    for (const { kind, reason, what } of letters) {
      if (kind === "outbox") {
        this.#givenUp.add(what);
        continue;
      }
      const role = roles.get(what);
      if (reason !== "attempts-exhausted" || role !== "error") {
        this.#broken(`dead letter ${what} (${reason}), but its session says ${role}`);
      }
    }
  }

  progress(what: string): void {
    this.#broken(`no progress after the faults ended: ${what}`);
  }

  #broken(what: string): void {
    this.breach ??= `${what} (at ${this.#nowMs().toFixed(1)} ms)`;
  }
}
