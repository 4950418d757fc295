import type { Handover, Lease, Member, Move } from "@chela/shared/lease/schema";

/** What the lease loop asks of Redis. Every call answers within the connection's command time-out or throws. */
export interface LeaseStore {
  /** The control record as it stands (fields still strings), null when there is none. */
  readControl(): Promise<Record<string, string> | null>;
  /** One look at everything. */
  observe(shards: number): Promise<Observation>;
  /** Reports this gateway alive; removes members that still stand as `dead` saw them. */
  heartbeat(report: Report, dead: readonly SeenMember[]): Promise<Pulse>;
  acquire(requests: readonly AcquireRequest[]): Promise<Acquired[]>;
  renew(requests: readonly RenewRequest[]): Promise<Renewed[]>;
  /** Gives leases back, where they still are ours, and wakes the others. */
  release(requests: readonly ReleaseRequest[]): Promise<void>;
  /** Takes this gateway off the list of members and wakes the others. */
  leave(): Promise<void>;
}

export interface Observation {
  readonly control: Record<string, string> | null;
  readonly members: readonly SeenMember[];
  readonly leases: readonly (Lease | null)[];
  readonly handovers: readonly (Handover | null)[];
  /** Oldest first. */
  readonly moves: readonly (readonly Move[])[];
  /** Highest ever granted; null where none ever was. */
  readonly epochs: readonly (number | null)[];
}

/** A member record and the exact text it was read from. */
export interface SeenMember {
  readonly member: Member;
  readonly text: string;
}

/** `since` null: the first heartbeat of this incarnation. */
export type Report = Omit<Member, "at" | "since"> & { readonly since: number | null };

export interface Pulse {
  /** Redis time, ms. */
  readonly redisMs: number;
  /** Of the Redis process that answered: another one may not have all that the last one had. */
  readonly runId: string;
}

export interface OwnLease {
  readonly shard: number;
  readonly epoch: number;
}

/** `movedUnder`: it counts as a move that nobody has ordered, under this generation. */
export type ReleaseRequest = OwnLease & { readonly movedUnder?: number };

export interface AcquireRequest {
  readonly shard: number;
  readonly observed: Lease | null;
  readonly highestEpochSeen: number;
  /** The newest generation this gateway knows; the lease will carry it. */
  readonly generation: number;
}
/** `changed`: not as observed any more; `superseded`: a newer hand-over stands. Look again. */
export type Acquired =
  | { shard: number; outcome: "granted"; epoch: number }
  | { shard: number; outcome: "changed" | "superseded" };

type RenewRequest = OwnLease & { readonly generation: number };
/** `lost`: not this gateway's any more; `overdue`: past the hand-over's deadline. */
export interface Renewed {
  readonly shard: number;
  readonly outcome: "renewed" | "lost" | "overdue";
}
