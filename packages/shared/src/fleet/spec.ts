import { z } from "zod";

/** What a fleet shall be: kept by the console, changed by operations only. */
export const gatewayWishSchema = z.object({
  name: z.string(),
  host: z.string(),
  /** Published port; null until the agent has picked one. */
  port: z.number().int().nullable(),
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
});
export type FleetSpec = z.infer<typeof fleetSpecSchema>;
