import { z } from "zod";

/**
 * The control record of a fleet: one Redis hash (`keys.control`), fields as below, all strings there.
 * Written by the console only, by compare-and-set on `generation`; read by every gateway.
 */
export const controlSchema = z.object({
  /** Key layout version; a gateway that knows another one is never ready. */
  layout: z.coerce.number().int(),
  /** K, fixed for the fleet's life. */
  shards: z.coerce.number().int().min(1).max(1024),
  mode: z.enum(["active-standby", "active-active"]),
  /** How many gateways process; in active-standby 1. */
  actives: z.coerce.number().int().min(1),
  /** Names, most preferred first; JSON array in Redis. */
  preferred: z.preprocess((v) => (typeof v === "string" ? JSON.parse(v) : v), z.array(z.string())),
  /** Raised by every write. */
  generation: z.coerce.number().int().min(0),
  /** Id of the operation that wrote this generation; empty at creation. */
  operation: z.string(),
  /**
   * A canary's share: so many percent of the shards go to these gateways while one of them is eligible; JSON in Redis,
   * absent or empty: none.
   */
  canary: z.preprocess(
    (v) => (typeof v === "string" ? (v === "" ? null : JSON.parse(v)) : (v ?? null)),
    z.object({ gateways: z.array(z.string()), percent: z.number().min(0).max(100) }).nullable(),
  ),
  /**
   * Automatic failover is paused: nothing moves away from a live holder but by an operator, agents release nothing
   * early, and a free shard waits `claimAtLatestMs` for the one who held it; then somebody takes it all the same.
   */
  paused: z.preprocess((v) => v === true || v === "1", z.boolean()),
  /** Generation by which an operator last acknowledged repeated moves: those before it are not counted any more. */
  flapAcknowledged: z.coerce.number().int().default(0),
});
export type Control = z.infer<typeof controlSchema>;

export const DEFAULT_SHARDS = 16;
