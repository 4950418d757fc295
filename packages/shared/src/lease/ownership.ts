import type { Control } from "../fleet/control.ts";
import { assign } from "../shard/assign.ts";
import { canaryShards } from "../shard/canary-shards.ts";
import type { Lease } from "./schema.ts";
import type { Candidate, ShardSight, Snapshot } from "./snapshot.ts";

/**
 * Who should hold what. Every gateway computes this from what it sees; when two see differently for a moment, the
 * compare-and-set of acquiring decides, so this only has to agree in the end.
 */
export interface Ownership {
  /** Owner of each shard. */
  readonly owners: readonly Candidate[];
  /** Everybody, best first: the order in which free shards that nobody takes are claimed. */
  readonly order: readonly Candidate[];
}

/**
 * How well a gateway can hold, 0 is best. A ranking, not a veto: whoever is best among the living holds, however
 * bad that is, so that a fleet whose assistants are all down still has somebody in charge.
 */
export function rank(candidate: Candidate): number {
  if (candidate.tilt) return 3;
  if (!candidate.assistantUp) return 2;
  return candidate.draining ? 1 : 0;
}

/** From when on nobody can be working the shard: it was released, or has stood still for a TTL. */
export function freeAtMs(sight: ShardSight, ttlMs: number): number {
  const released = sight.lease === null && !sight.blank;
  return sight.unchangedSinceMs + (released ? 0 : ttlMs);
}

/** Generation that rules a shard: of the control record, or of a hand-over that is newer than the one we read. */
export function generationOf(sight: ShardSight, snapshot: Snapshot): number {
  return Math.max(snapshot.control.generation, sight.handover?.generation ?? 0);
}

export function ownership(snapshot: Snapshot, ttlMs: number, nowMs: number): Ownership {
  const { control, self } = snapshot;
  const everybody = self.stopByMs === null ? [self, ...snapshot.others] : snapshot.others;
  const leases = snapshot.shards.map((sight, shard) =>
    heldOrSeen(snapshot, sight, shard, ttlMs, nowMs),
  );

  const commanded = leases.some(
    (lease, shard) =>
      lease !== null && lease.generation !== generationOf(snapshot.shards[shard]!, snapshot),
  );
  const holdings = (c: Candidate) =>
    leases.filter((l) => l?.holder === c.name && l.incarnation === c.incarnation).length;
  const preference = (c: Candidate) => {
    const index = control.preferred.indexOf(c.name);
    return index === -1 ? Number.POSITIVE_INFINITY : index;
  };
  const sorted = everybody
    .map((candidate) => {
      const byPreference = preference(candidate);
      const byHolding = -holdings(candidate);
      const keys = commanded ? [byPreference, byHolding] : [byHolding, byPreference];
      return { candidate, keys: [rank(candidate), ...keys, -candidate.since] };
    })
    .sort((a, b) => compare(a.keys, b.keys) || (a.candidate.name < b.candidate.name ? -1 : 1));

  const order = sorted.map((entry) => entry.candidate);
  const best = order.filter((c) => rank(c) === rank(order[0]!));
  const eligible = new Map<string, Candidate>();
  for (const candidate of best) {
    const known = eligible.get(candidate.name);
    if (known === undefined || candidate.since > known.since) {
      eligible.set(candidate.name, candidate);
    }
  }
  const actives = control.mode === "active-standby" ? 1 : control.actives;
  const { canaries, share, others } = canaryOf(control, [...eligible.values()]);
  const usual = assign(control.shards, others.slice(0, actives));
  const tried = assign(control.shards, canaries);
  const owners = usual.map((name, shard) => {
    const named = commandedTo(snapshot.shards[shard]!, leases[shard] ?? null, snapshot, nowMs);
    const owner = share.has(shard) ? tried[shard]! : name;
    return (named === null ? undefined : eligible.get(named)) ?? eligible.get(owner)!;
  });
  return { owners, order };
}

/**
 * A canary gateway holds its share and nothing else, so that a bad release meets no more than that; unless nobody else
 * is as good. While no canary gateway is, there is no canary.
 */
function canaryOf({ canary, shards }: Control, eligible: readonly Candidate[]) {
  const canaries = eligible.filter(({ name }) => canary?.gateways.includes(name) === true);
  const rest = eligible.filter((candidate) => !canaries.includes(candidate));
  const percent = canaries.length === 0 ? 0 : (canary?.percent ?? 0);
  return {
    canaries,
    share: canaryShards(shards, percent),
    others: percent === 0 || rest.length === 0 ? eligible : rest,
  };
}

/** A shard's own hand-over names its next holder until its deadline, unless it was obeyed or overtaken. */
function commandedTo(
  sight: ShardSight,
  lease: Lease | null,
  snapshot: Snapshot,
  nowMs: number,
): string | null {
  const { handover } = sight;
  if (handover === null || handover.generation < snapshot.control.generation) return null;
  if (lease !== null && lease.generation >= handover.generation) return null;
  return handover.deadlineAtMs > nowMs ? handover.to : null;
}

/** What counts as held: our own as we know it (also its stamp, before it is written), others' while they are live. */
function heldOrSeen(
  { self, held }: Snapshot,
  sight: ShardSight,
  shard: number,
  ttlMs: number,
  nowMs: number,
): Lease | null {
  const mine = held.get(shard);
  if (mine !== undefined) {
    const { epoch, generation } = mine;
    return { holder: self.name, incarnation: self.incarnation, epoch, beat: 0, generation };
  }
  const { lease } = sight;
  // Ours in Redis, but we do not work it (an answer was lost): nobody does.
  if (lease?.holder === self.name && lease.incarnation === self.incarnation) return null;
  return nowMs < freeAtMs(sight, ttlMs) ? lease : null;
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! < b[i]! ? -1 : 1;
  return 0;
}
