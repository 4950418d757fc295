import type { Control } from "../fleet/control.ts";
import { FLAP_MOVES_MAX, FLAP_WINDOW_MS, type FlapTimes } from "./flapping.ts";
import type { Handover, Lease, Member, Move } from "./schema.ts";

/** What a gateway knows when it decides. All times are its own monotonic clock's, milliseconds. */
export interface Snapshot {
  readonly self: Self;
  readonly control: Control;
  /** Gateways whose heartbeat moves, without this incarnation itself. */
  readonly others: readonly Candidate[];
  /** Index = shard. */
  readonly shards: readonly ShardSight[];
  readonly held: ReadonlyMap<number, Held>;
}

export type Candidate = Pick<
  Member,
  "name" | "incarnation" | "weight" | "draining" | "assistantUp" | "tilt" | "since"
>;

export interface Self extends Candidate {
  /** Set while it stops: hands everything over or lets go by then, and takes nothing. */
  readonly stopByMs: number | null;
}

export interface ShardSight {
  readonly lease: Lease | null;
  /** When the lease as it stands (or its absence) was first seen: after it was written, never before. */
  readonly unchangedSinceMs: number;
  /**
   * No lease and no epoch either: nobody has ever held it, or Redis was wiped under a holder that does not know it
   * yet. Free only after a TTL, like a lease that stands still.
   */
  readonly blank: boolean;
  readonly handover: (Handover & { readonly deadlineAtMs: number }) | null;
  /** Lately, away from a live holder and by nobody's order; oldest first. */
  readonly moves: readonly Move[];
}

/** A shard that this gateway processes. */
export interface Held {
  readonly epoch: number;
  /** Of the control record under which it holds it. */
  readonly generation: number;
  readonly acquiredAtMs: number;
  readonly ceding: Ceding | null;
}

export interface Ceding {
  readonly deadlineAtMs: number;
  /** No turn of this shard is in flight any more. */
  readonly done: boolean;
}

export type CedeReason = "switchover" | "draining" | "assistant-down" | "rebalance" | "stopping";

export type Action =
  /** Compare-and-set on `observed`; `generation` is what the lease will carry. */
  | { type: "acquire"; shard: number; observed: Lease | null; generation: number }
  /**
   * Take nothing new; let turns in flight finish until the deadline. `to` is a name, null when nobody is known.
   * `unordered`: it counts as a move away from a live holder that nobody has ordered.
   */
  | {
      type: "cede";
      shard: number;
      to: string | null;
      deadlineAtMs: number;
      reason: CedeReason;
      unordered: boolean;
    }
  /** Give the lease back; `abort`: turns are still in flight and the time is up. */
  | { type: "release"; shard: number; abort: boolean }
  /** Keep it, under this generation from the next renewal on. */
  | { type: "stamp"; shard: number; generation: number }
  /** Ours in Redis by an answer that was lost, and another should have it: give it back unworked. */
  | { type: "let-go"; shard: number; epoch: number }
  /** Somebody else's, or gone: stop at once, write nothing. */
  | { type: "drop"; shard: number };

/** Limits of the rules, milliseconds. */
export interface RuleTimes extends FlapTimes {
  readonly ttlMs: number;
  /** How long a holder lets turns finish when no hand-over record says it. */
  readonly handoverMs: number;
  /** Anti-flap: a shard is not moved away from a live holder sooner, unless an operator or a drain wants it. */
  readonly holdAtLeastMs: number;
  /** A free shard that its wanted owner leaves lying is taken by the next in rank after this, and so on. */
  readonly claimAfterMs: number;
  /** And by anybody after this. */
  readonly claimAtLatestMs: number;
}
export const DEFAULT_RULE_TIMES: Omit<RuleTimes, "ttlMs"> = {
  handoverMs: 20_000,
  holdAtLeastMs: 5_000,
  claimAfterMs: 1_000,
  claimAtLatestMs: 4_000,
  flapMovesMax: FLAP_MOVES_MAX,
  flapWindowMs: FLAP_WINDOW_MS,
};
