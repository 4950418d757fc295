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
});
export type Control = z.infer<typeof controlSchema>;

export const DEFAULT_SHARDS = 16;
