import type { Clock } from "@chela/shared/clock/clock";
import { validUntilMs } from "@chela/shared/lease/rules";
import type { LeaseTimes } from "@chela/shared/lease/schema";
import type { Held } from "@chela/shared/lease/snapshot";
import type { ShardWork } from "../shard/shard-work.ts";
import type { OwnLease, ReleaseRequest } from "./store.ts";

/** Why a lease ended without having been given back. */
const LOST_REASONS = ["expired", "taken", "overdue", "reconnected", "fault"] as const;
export type LostReason = (typeof LOST_REASONS)[number];

interface Slot {
  epoch: number;
  generation: number;
  acquiredAtMs: number;
  validUntilMs: number;
  ceding: { deadlineAtMs: number; unordered: boolean; done: boolean } | null;
}

/**
 * The shards that this gateway processes: starts, cedes and aborts their work, and knows until when each may go on.
 * A shard that is not in here is not worked.
 */
export class Holdings {
  readonly #slots = new Map<number, Slot>();
  readonly #work: ShardWork;
  readonly #clock: Clock;
  readonly #times: LeaseTimes;
  readonly #lost = Object.fromEntries(LOST_REASONS.map((r) => [r, 0])) as Record<
    LostReason,
    number
  >;
  #waiting: (() => void)[] = [];

  constructor(work: ShardWork, clock: Clock, times: LeaseTimes) {
    this.#work = work;
    this.#clock = clock;
    this.#times = times;
  }

  get size(): number {
    return this.#slots.size;
  }

  asHeld(): ReadonlyMap<number, Held> {
    return this.#slots;
  }

  list(): { shard: number; epoch: number }[] {
    return [...this.#slots]
      .map(([shard, { epoch }]) => ({ shard, epoch }))
      .sort((a, b) => a.shard - b.shard);
  }

  /** How often each reason ended a lease, since the start. */
  lost(): Readonly<Record<LostReason, number>> {
    return this.#lost;
  }

  renewals(): (OwnLease & { generation: number })[] {
    return [...this.#slots].map(([shard, { epoch, generation }]) => ({ shard, epoch, generation }));
  }

  /** Acquired by a request that left at `sentAtMs`. */
  begin(shard: number, epoch: number, generation: number, sentAtMs: number): void {
    const slot: Slot = {
      epoch,
      generation,
      acquiredAtMs: this.#clock.monotonicMs(),
      validUntilMs: validUntilMs(sentAtMs, this.#times.ttlMs, this.#times.marginMs),
      ceding: null,
    };
    // The answer came too late to be worth anything: not held; it is free again after a TTL, or acquired anew.
    if (this.#clock.monotonicMs() >= slot.validUntilMs) return;
    this.#slots.set(shard, slot);
    this.#work.start({
      shard,
      epoch,
      isValid: () =>
        this.#slots.get(shard) === slot && this.#clock.monotonicMs() < slot.validUntilMs,
    });
  }

  /** What has ended stays ended, also when a renewal is answered late: the work asks `isValid`, and stops for good. */
  extend(shard: number, epoch: number, sentAtMs: number): void {
    const slot = this.#slots.get(shard);
    if (slot?.epoch !== epoch || this.#clock.monotonicMs() >= slot.validUntilMs) return;
    const { ttlMs, marginMs } = this.#times;
    slot.validUntilMs = Math.max(slot.validUntilMs, validUntilMs(sentAtMs, ttlMs, marginMs));
  }

  stamp(shard: number, generation: number): void {
    const slot = this.#slots.get(shard);
    if (slot !== undefined) slot.generation = generation;
  }

  /** Calls `ceded` once nothing of the shard is in flight. */
  cede(
    shard: number,
    { deadlineAtMs, unordered }: { deadlineAtMs: number; unordered: boolean },
    ceded: () => void,
  ): void {
    const slot = this.#slots.get(shard);
    if (slot === undefined || slot.ceding !== null) return;
    const ceding = { deadlineAtMs, unordered, done: false };
    slot.ceding = ceding;
    // A cede that fails leaves the deadline to end it: then abort.
    this.#work.cede(shard).then(
      () => {
        ceding.done = true;
        ceded();
      },
      () => {},
    );
  }

  /** Ends the work on a shard about to be given back; null when it is not held any more. */
  end(shard: number): ReleaseRequest | null {
    const slot = this.#slots.get(shard);
    if (slot === undefined) return null;
    this.#forget(shard);
    const { epoch, generation, ceding } = slot;
    return { shard, epoch, ...(ceding?.unordered === true && { movedUnder: generation }) };
  }

  /** Answers whether it was held and still valid. */
  lose(shard: number, reason: LostReason): boolean {
    const slot = this.#slots.get(shard);
    if (slot === undefined) return false;
    this.#lost[reason]++;
    this.#forget(shard);
    return this.#clock.monotonicMs() < slot.validUntilMs;
  }

  loseAll(reason: LostReason): number {
    const shards = [...this.#slots.keys()];
    for (const shard of shards) this.lose(shard, reason);
    return shards.length;
  }

  /** Stops the work on every shard whose time is over; answers how many. */
  expire(): number {
    const nowMs = this.#clock.monotonicMs();
    const over = [...this.#slots].filter(([, slot]) => nowMs >= slot.validUntilMs);
    for (const [shard] of over) this.lose(shard, "expired");
    return over.length;
  }

  /** The machine slept for so long while the monotonic clock stood still: every lease is that much older. */
  age(sleptMs: number): void {
    for (const slot of this.#slots.values()) slot.validUntilMs -= sleptMs;
  }

  /** Resolves when nothing is held, or when `cut` aborts. */
  async whenEmpty(cut: AbortSignal): Promise<void> {
    while (this.#slots.size > 0 && !cut.aborted) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        cut.addEventListener("abort", () => resolve(), { once: true });
      });
    }
  }

  /** First out of the map, so that the grant is invalid before anything else runs; then abort. */
  #forget(shard: number): void {
    this.#slots.delete(shard);
    this.#work.abort(shard);
    if (this.#slots.size === 0) for (const wake of this.#waiting.splice(0)) wake();
  }
}
