/**
 * The seam between who may process a shard (lease/) and the processing itself (inbox/, session/).
 * The lease loop is the only caller; the processor is the only implementation.
 */
export interface ShardGrant {
  readonly shard: number;
  readonly epoch: number;
  /** False from the moment this gateway's own monotonic clock says that the lease may have ended. */
  isValid(): boolean;
}

export interface ShardWork {
  /** The lease was acquired: read the inbox from its beginning. Must not throw. */
  start(grant: ShardGrant): void;
  /** Take no new entries; resolves when no turn of this shard is in flight (at once where idle). */
  cede(shard: number): Promise<void>;
  /** The lease is gone or about to be: stop at once, abort what is in flight. What it had not committed stays in the inbox. */
  abort(shard: number): void;
  /** Turns in flight, of one shard or in all. */
  inFlight(shard?: number): number;
}

/** What the rest of the gateway asks of the lease loop. */
export interface LeaseStatus {
  readonly incarnation: string;
  role(): "active" | "standby" | "draining" | "tilt";
  held(): { shard: number; epoch: number }[];
  draining(): boolean;
  /** Hands every shard over (to whoever is better), keeps accepting. Idempotent. */
  setDraining(draining: boolean): void;
  /** Resolves true once no shard is held, false at the deadline (monotonic time, ms). */
  handedOver(deadlineMs: number): Promise<boolean>;
  /** Why this gateway may not process or be ready, e.g. another key layout; empty when fine. */
  faults(): string[];
  /** What should be put right and keeps it from nothing, `code: sentence` each. */
  warnings(): string[];
}
