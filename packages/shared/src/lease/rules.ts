import { freeAtMs, generationOf, ownership, rank } from "./ownership.ts";
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
  } else if (stopping || nowMs < freeAtMs(sight, times.ttlMs)) {
    return null;
  }

  if (!wanted) {
    const place = Math.max(
      1,
      order.findIndex((c) => isSelf(c, self)),
    );
    const claimAfterMs = Math.min(place * times.claimAfterMs, times.claimAtLatestMs);
    if (nowMs < freeAtMs(sight, times.ttlMs) + claimAfterMs) return null;
  }
  return { type: "acquire", shard, observed: lease, generation: generationOf(sight, snapshot) };
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
    return { type: "cede", shard, to, deadlineAtMs: self.stopByMs, reason: "stopping" };
  }
  if (owner === undefined || isSelf(owner, self)) {
    return held.generation === generation ? null : { type: "stamp", shard, generation };
  }
  const reason = reasonToGive(self, owner, held.generation !== generation);
  const mayWait = reason === "assistant-down" || reason === "rebalance";
  if (mayWait && nowMs - held.acquiredAtMs < times.holdAtLeastMs) return null;
  const deadlineAtMs = ordered?.deadlineAtMs ?? nowMs + times.handoverMs;
  return { type: "cede", shard, to: owner.name, deadlineAtMs, reason };
}

function reasonToGive(self: Candidate, owner: Candidate, commanded: boolean): CedeReason {
  if (rank(self) > rank(owner)) return self.assistantUp ? "draining" : "assistant-down";
  return commanded ? "switchover" : "rebalance";
}

const isSelf = (candidate: Candidate, self: Candidate): boolean =>
  candidate.name === self.name && candidate.incarnation === self.incarnation;
