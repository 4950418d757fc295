import { z } from "zod";

/** What a fleet shall be: kept by the console, changed by operations only. */
export const gatewayWishSchema = z.object({
  name: z.string(),
  host: z.string(),
  /** Published port; null until the agent has picked one. */
  port: z.number().int().nullable(),
  /** Second, prepared port of start-first replacement; null until the agent has picked one. */
  secondPort: z.number().int().nullable().default(null),
  weight: z.number().int().min(1),
  backup: z.boolean(),
  /** Number of the release it was last placed with. */
  release: z.number().int(),
});
export type GatewayWish = z.infer<typeof gatewayWishSchema>;

export const edgeWishSchema = z.object({
  name: z.string(),
  host: z.string(),
  port: z.number().int(),
  image: z.string(),
});
export type EdgeWish = z.infer<typeof edgeWishSchema>;

export const fleetSpecSchema = z.object({
  fleet: z.string(),
  mode: z.enum(["active-standby", "active-active"]),
  actives: z.number().int().min(1),
  shards: z.number().int().min(1),
  keyPrefix: z.string(),
  /** Number of the release that the whole fleet shall run; null until its image has been found. */
  release: z.number().int().nullable(),
  gateways: z.array(gatewayWishSchema),
  edges: z.array(edgeWishSchema),
  /** `auto`: drift is corrected; `manual`: only shown. */
  reconcile: z.enum(["manual", "auto"]).default("manual"),
  /** Never fewer healthy gateways than this by anything the console does. */
  floor: z.number().int().min(1).default(1),
  /** Set while automatic failover is paused. */
  failoverPaused: z
    .object({ by: z.string(), reason: z.string().nullable(), at: z.string() })
    .nullable()
    .default(null),
});
export type FleetSpec = z.infer<typeof fleetSpecSchema>;
