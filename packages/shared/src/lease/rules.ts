import { isFlapping } from "./flapping.ts";
import { freeAtMs, generationOf, ownership, rank } from "./ownership.ts";
import type { Lease } from "./schema.ts";
import type { Action, Candidate, CedeReason, Held, RuleTimes, Snapshot } from "./snapshot.ts";

/**
 * What a gateway does next: pure, from what it sees and its monotonic clock.
 *
 * Law of order: a shard moves only by its holder's will (cede, release) or after its lease has ended; nobody takes
 * a live lease. A holder gives away only to somebody who is alive and not worse; a free lease is always taken.
 */
export function decide(snapshot: Snapshot, times: RuleTimes, nowMs: number): Action[] {
  if (snapshot.self.tilt) return [];
  const { owners, order } = ownership(snapshot, times.ttlMs, nowMs);
  const actions: Action[] = [];
  for (let shard = 0; shard < snapshot.shards.length; shard++) {
    const held = snapshot.held.get(shard);
    const action =
      held === undefined
        ? take(snapshot, shard, owners[shard], order, times, nowMs)
        : keepOrGive(snapshot, shard, held, owners[shard], times, nowMs);
    if (action !== null) actions.push(action);
  }
  return actions;
}

/** Held shards that are kept from moving on, because they have moved too often; see flapping.ts. */
export function heldBack({ control, shards, held }: Snapshot, times: RuleTimes): number[] {
  return [...held.keys()].filter((shard) =>
    isFlapping(shards[shard]?.moves ?? [], control.flapAcknowledged, times),
  );
}

/** Somebody alive is better placed to hold than this gateway, so that waiting to hand over has an end. */
export function hasBetter(self: Candidate, others: readonly Candidate[]): boolean {
  return others.some((other) => rank(other) < rank(self));
}

/** A holder may work until then: counted from before its request left, so Redis granted it later than we count. */
export function validUntilMs(sentAtMs: number, ttlMs: number, marginMs: number): number {
  return sentAtMs + ttlMs - marginMs;
}

function take(
  snapshot: Snapshot,
  shard: number,
  owner: Candidate | undefined,
  order: readonly Candidate[],
  times: RuleTimes,
  nowMs: number,
): Action | null {
  const { self } = snapshot;
  const sight = snapshot.shards[shard]!;
  const { lease } = sight;
  const stopping = self.stopByMs !== null;
  const wanted = !stopping && owner !== undefined && isSelf(owner, self);
  if (lease?.holder === self.name && lease.incarnation === self.incarnation) {
    if (!wanted) return { type: "let-go", shard, epoch: lease.epoch };
  } else {
    const claimAfterMs = patienceMs(snapshot, lease, wanted, order, times);
    if (stopping || nowMs < freeAtMs(sight, times.ttlMs) + claimAfterMs) return null;
  }
  return { type: "acquire", shard, observed: lease, generation: generationOf(sight, snapshot) };
}

/** How long a free shard is left to somebody else. Never longer than `claimAtLatestMs`: a free lease is always taken. */
function patienceMs(
  { self, control }: Snapshot,
  lease: Lease | null,
  wanted: boolean,
  order: readonly Candidate[],
  times: RuleTimes,
): number {
  if (control.paused && lease !== null) {
    // It has run out; whoever held it may be coming back from the maintenance that the pause is for.
    return lease.holder === self.name ? 0 : times.claimAtLatestMs;
  }
  if (wanted) return 0;
  const place = Math.max(
    1,
    order.findIndex((c) => isSelf(c, self)),
  );
  return Math.min(place * times.claimAfterMs, times.claimAtLatestMs);
}

function keepOrGive(
  snapshot: Snapshot,
  shard: number,
  held: Held,
  owner: Candidate | undefined,
  times: RuleTimes,
  nowMs: number,
): Action | null {
  const { self } = snapshot;
  const sight = snapshot.shards[shard]!;
  const { lease, handover } = sight;
  if (
    lease === null ||
    lease.holder !== self.name ||
    lease.incarnation !== self.incarnation ||
    lease.epoch !== held.epoch
  ) {
    return { type: "drop", shard };
  }
  const generation = generationOf(sight, snapshot);
  const ordered = handover !== null && handover.generation > held.generation ? handover : null;

  if (held.ceding !== null) {
    // A cede once begun is finished, also if the taker dies meanwhile: the shard is then free for whoever is best.
    const deadlineAtMs = Math.min(
      held.ceding.deadlineAtMs,
      ordered?.deadlineAtMs ?? Number.POSITIVE_INFINITY,
      self.stopByMs ?? Number.POSITIVE_INFINITY,
    );
    if (!held.ceding.done && nowMs < deadlineAtMs) return null;
    return { type: "release", shard, abort: !held.ceding.done };
  }
  if (self.stopByMs !== null) {
    const to = owner?.name ?? null;
    const deadlineAtMs = self.stopByMs;
    return { type: "cede", shard, to, deadlineAtMs, reason: "stopping", unordered: false };
  }
  if (owner === undefined || isSelf(owner, self)) {
    return held.generation === generation ? null : { type: "stamp", shard, generation };
  }
  const commanded = held.generation !== generation;
  const reason = reasonToGive(self, owner, commanded);
  const unordered =
    (reason === "assistant-down" || reason === "rebalance") &&
    owner.name !== self.name &&
    !(commanded && isPreferred(owner, self, snapshot, ordered?.to ?? null));
  if (unordered) {
    const { paused, flapAcknowledged } = snapshot.control;
    if (paused || isFlapping(sight.moves, flapAcknowledged, times)) {
      return commanded ? { type: "stamp", shard, generation } : null;
    }
  }
  const mayWait = unordered || reason === "rebalance";
  if (mayWait && nowMs - held.acquiredAtMs < times.holdAtLeastMs) return null;
  const deadlineAtMs = ordered?.deadlineAtMs ?? nowMs + times.handoverMs;
  return { type: "cede", shard, to: owner.name, deadlineAtMs, reason, unordered };
}

function reasonToGive(self: Candidate, owner: Candidate, commanded: boolean): CedeReason {
  if (rank(self) > rank(owner)) return self.draining ? "draining" : "assistant-down";
  return commanded ? "switchover" : "rebalance";
}

/** The order names this one rather than the other; not every change of the control record does. */
function isPreferred(
  candidate: Candidate,
  other: Candidate,
  { control }: Snapshot,
  orderedTo: string | null,
): boolean {
  if (candidate.name === orderedTo) return true;
  const [place, others] = [candidate, other].map(({ name }) => control.preferred.indexOf(name));
  return place !== -1 && (others === -1 || place! < others!);
}

const isSelf = (candidate: Candidate, self: Candidate): boolean =>
  candidate.name === self.name && candidate.incarnation === self.incarnation;
