import { z } from "zod";

/** One gateway as the edge reaches it: the host's own address and the gateway's two published ports. */
export const edgeUpstreamSchema = z.object({
  gateway: z.string(),
  address: z.string(),
  port: z.number().int(),
  /** Where it listens after a start-first replacement, and its surge container meanwhile; null: not prepared yet. */
  secondPort: z.number().int().nullable().default(null),
  weight: z.number().int(),
  /** nginx's `backup`: tried only when every ordinary one failed. */
  backup: z.boolean(),
});
export type EdgeUpstream = z.infer<typeof edgeUpstreamSchema>;

/** Everything an edge's configuration is made from. */
export const edgeInputSchema = z.object({
  /** Clients' port, plain HTTP. */
  port: z.number().int(),
  /** TLS listener beside it; certificate and key lie in `tls/` beside nginx.conf. Null: none. */
  tls: z.object({ port: z.number().int() }).nullable(),
  upstreams: z.array(edgeUpstreamSchema),
  /** `address`: a client stays with one gateway (for gateways that keep something in memory). */
  affinity: z.enum(["none", "address"]).default("none"),
  /** Idle connections kept to gateways, per worker: at least the peak concurrency. */
  keepalive: z.number().int().min(1).max(65_535).default(256),
  webhookBytesMax: z
    .number()
    .int()
    .min(1_024)
    .default(1024 * 1024),
  chatBytesMax: z
    .number()
    .int()
    .min(1_024)
    .default(8 * 1024 * 1024),
});
export type EdgeInput = z.infer<typeof edgeInputSchema>;

export const DEFAULT_TLS_PORT = 8443;
