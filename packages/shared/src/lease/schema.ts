import { z } from "zod";

/** A shard's lease as it stands in Redis (hash `keys.lease`). */
export const leaseSchema = z.object({
  holder: z.string(),
  incarnation: z.string(),
  epoch: z.coerce.number().int(),
  /** Raised by each renewal; a lease whose beat stands still for a TTL on the observer's clock is free. */
  beat: z.coerce.number().int(),
});
export type Lease = z.infer<typeof leaseSchema>;

/** A planned hand-over of one shard (hash `keys.handover`). */
export const handoverSchema = z.object({
  generation: z.coerce.number().int(),
  to: z.string(),
  /** Redis time, ms: past it the holder's renewals are refused. */
  deadlineMs: z.coerce.number(),
});
export type Handover = z.infer<typeof handoverSchema>;

/** One start of one gateway, as it reports itself (JSON in hash `keys.members`, field `<name>/<incarnation>`). */
export const memberSchema = z.object({
  name: z.string(),
  incarnation: z.string(),
  beat: z.number().int(),
  version: z.string(),
  weight: z.number(),
  draining: z.boolean(),
  assistantUp: z.boolean(),
  tilt: z.boolean(),
  inFlight: z.number().int(),
  /** Redis time of this heartbeat, ms. */
  at: z.number(),
});
export type Member = z.infer<typeof memberSchema>;

/** Times of the lease protocol, milliseconds. */
export interface LeaseTimes {
  readonly ttlMs: number;
  readonly renewEveryMs: number;
  readonly observeEveryMs: number;
  /** Stop working this long before the lease may have ended. */
  readonly marginMs: number;
}
export const DEFAULT_LEASE_TIMES: LeaseTimes = {
  ttlMs: 2_000,
  renewEveryMs: 667,
  observeEveryMs: 200,
  marginMs: 200,
};
/** A member whose beat stands still this long on the observer's monotonic clock is not counted. */
export const MEMBER_TTL_MS = 2_000;
