import type { Lease } from "@chela/shared/lease/schema";
import { memberField } from "@chela/shared/lease/schema";
import type { Candidate, ShardSight } from "@chela/shared/lease/snapshot";
import type { Observation, SeenMember } from "./store.ts";

/** A member is taken off the list by whoever has seen it stand still this long. */
const MEMBER_FORGOTTEN_MS = 60_000;
/** A blank shard carries nothing that shows it was taken and wiped while nobody looked: so it has to be watched. */
const LOOK_AWAY_MAX_MS = 1_000;

/**
 * What this gateway has seen, and since when it stands still, by its own monotonic clock: the only clock by which
 * anybody is taken for dead.
 */
export class Sightings {
  readonly #name: string;
  readonly #incarnation: string;
  readonly #memberTtlMs: number;
  #shards: ShardSight[] = [];
  #takenAtMs = Number.NEGATIVE_INFINITY;
  #members = new Map<string, { seen: SeenMember; sinceMs: number }>();
  readonly #highestEpochs = new Map<number, number>();
  readonly #ownUntilNow = new Set<number>();

  constructor(name: string, incarnation: string, memberTtlMs: number) {
    this.#name = name;
    this.#incarnation = incarnation;
    this.#memberTtlMs = memberTtlMs;
  }

  /**
   * `receivedAtMs`: when the answer was there. A lease seen changed was written before that, so counting from then
   * never counts too long. `redisNowMs` null: not known yet.
   */
  take(observation: Observation, receivedAtMs: number, redisNowMs: number | null): void {
    const watched = receivedAtMs - this.#takenAtMs <= LOOK_AWAY_MAX_MS;
    this.#takenAtMs = receivedAtMs;
    this.#shards = observation.leases.map((lease, shard) => {
      const epoch = observation.epochs[shard] ?? null;
      this.sawEpoch(shard, Math.max(epoch ?? 0, lease?.epoch ?? 0));
      const before = this.#shards[shard];
      const handover = observation.handovers[shard] ?? null;
      if (lease !== null) this.#ownUntilNow.delete(shard);
      const blank = lease === null && epoch === null && !this.#ownUntilNow.has(shard);
      const unchanged =
        before !== undefined &&
        before.blank === blank &&
        sameLease(before.lease, lease) &&
        (watched || !blank);
      return {
        lease,
        blank,
        unchangedSinceMs: unchanged ? before.unchangedSinceMs : receivedAtMs,
        handover:
          handover === null || redisNowMs === null
            ? null
            : { ...handover, deadlineAtMs: receivedAtMs + handover.deadlineMs - redisNowMs },
        moves: observation.moves[shard] ?? [],
      };
    });

    const members = new Map<string, { seen: SeenMember; sinceMs: number }>();
    for (const seen of observation.members) {
      const { member } = seen;
      const field = memberField(member.name, member.incarnation);
      const before = this.#members.get(field);
      // Seen for the first time, its age by Redis' time is all there is to tell a record left behind from a live one.
      const age = redisNowMs === null ? 0 : Math.max(0, redisNowMs - member.at);
      const sinceMs = before === undefined ? receivedAtMs - age : receivedAtMs;
      members.set(
        field,
        before?.seen.member.beat === member.beat ? { ...before, seen } : { seen, sinceMs },
      );
    }
    this.#members = members;
  }

  /**
   * Another Redis process answers, which may not have all that the last one had: a lease that it shows as it stood
   * before may have been renewed meanwhile. So everything counts as standing still from the next look on.
   */
  anew(): void {
    this.#shards = [];
  }

  /** Held by this gateway up to now, and lost: if there is no lease, then nobody else can be working it. */
  wasOwn(shard: number): void {
    this.#ownUntilNow.add(shard);
  }

  sawEpoch(shard: number, epoch: number): void {
    this.#highestEpochs.set(shard, Math.max(epoch, this.highestEpoch(shard)));
  }

  highestEpoch(shard: number): number {
    return this.#highestEpochs.get(shard) ?? 0;
  }

  shards(): readonly ShardSight[] {
    return this.#shards;
  }

  /** The others whose heartbeat moves. */
  living(nowMs: number): Candidate[] {
    return this.#others().flatMap(({ seen, sinceMs }) =>
      nowMs - sinceMs < this.#memberTtlMs ? [seen.member] : [],
    );
  }

  /** The others that have stood still so long that their record can go. */
  forgotten(nowMs: number): SeenMember[] {
    return this.#others().flatMap(({ seen, sinceMs }) =>
      nowMs - sinceMs > MEMBER_FORGOTTEN_MS ? [seen] : [],
    );
  }

  #others() {
    const own = memberField(this.#name, this.#incarnation);
    return [...this.#members].flatMap(([field, entry]) => (field === own ? [] : [entry]));
  }
}

const sameLease = (a: Lease | null, b: Lease | null): boolean =>
  a?.holder === b?.holder &&
  a?.incarnation === b?.incarnation &&
  a?.epoch === b?.epoch &&
  a?.beat === b?.beat;
