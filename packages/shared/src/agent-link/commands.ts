import { z } from "zod";
import { edgeSpecSchema, gatewaySpecSchema, operationRefSchema } from "./schema.ts";

/** Inputs and answers of the agent's procedures that are more than one of the shapes in schema.ts. */

/** The console's answers to `hello`, one frame each; after `welcome` the socket speaks tRPC. */
export const linkAnswerSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("welcome") }),
  z.object({ type: z.literal("refused"), code: z.string(), message: z.string() }),
]);
export type LinkAnswer = z.infer<typeof linkAnswerSchema>;

/** `POST <console>/agent/join`: a single-use token for the secret that the host keeps. */
export const joinRequestSchema = z.object({
  token: z.string().min(1),
  /** As in `hello`; the token knows it too, and both have to agree. */
  fleet: z.string().optional(),
  host: z.string().min(1),
});
export const joinAnswerSchema = z.object({ secret: z.string().min(16) });

/** Also the container's name after the fleet's; so what Docker allows there, and no dot-dot anywhere. */
const nameSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "lower-case letters, digits, -");

export const probeTcpInputSchema = z.object({
  host: z.string().min(1),
  port: z.number().int().min(1).max(65_535),
});
export interface TcpProbe {
  ok: boolean;
  /** A sentence; null when ok. */
  error: string | null;
  ms: number;
}

/**
 * Beside the input of everything that changes a host: the epoch of the controller that orders it. An agent refuses one
 * lower than it has seen (`STALE_CONTROLLER`).
 */
export const orderSchema = z.object({ epoch: z.number().int().min(0) });

const specWithName = gatewaySpecSchema.extend({
  gateway: nameSchema,
  // One line each in the container's secrets.env.
  secrets: z.record(
    z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/),
    z.string().regex(/^[^\r\n]*$/, "must be one line"),
  ),
});
export const ensureGatewayInputSchema = z.object({
  spec: specWithName,
  operation: operationRefSchema.optional(),
});
export const replaceGatewayInputSchema = z.object({
  spec: specWithName,
  operation: operationRefSchema,
  /** The old one is bad: it stops accepting at once and has two seconds to hand over. */
  urgent: z.boolean().default(false),
});
export const surgeGatewayInputSchema = z.object({
  spec: specWithName,
  operation: operationRefSchema,
});
export const gatewayCommandSchema = z.object({
  gateway: nameSchema,
  operation: operationRefSchema,
});
export const drainInputSchema = z.object({ gateway: nameSchema, draining: z.boolean() });
export const logsInputSchema = z.object({
  gateway: nameSchema,
  tail: z.number().int().min(0).max(5_000).default(200),
  follow: z.boolean().default(true),
  /** Of the surge container, while there is one. */
  surge: z.boolean().default(false),
});
export interface LogLine {
  at: string;
  stream: "stdout" | "stderr";
  line: string;
}

export const imageReferenceSchema = z.object({ reference: z.string().min(1).max(512) });
export const imageListInputSchema = z.object({ repository: z.string().min(1).max(512) });
/** The bytes travel as `PUT` (send) or `GET` (receive) `<console>/agent/transfers/<transfer>`, as `docker save` writes them. */
export const imageTransferSchema = z.object({
  transfer: z.string().regex(/^[A-Za-z0-9_-]{1,128}$/),
  id: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  reference: z.string().min(1).max(512),
});

export const ensureEdgeInputSchema = z.object({
  spec: edgeSpecSchema.extend({ edge: nameSchema }),
  operation: operationRefSchema.optional(),
});
export const edgeNameSchema = z.object({ edge: nameSchema });
export const edgeProbeInputSchema = z.object({
  edge: nameSchema,
  count: z.number().int().min(1).max(100),
});
export interface EdgeProbe {
  ok: number;
  failed: number;
  /** One figure per request, in order. */
  ms: number[];
}

/** Stable codes of what an agent refuses or cannot do (`error.data.reason`). */
export type AgentFaultCode =
  | "ENGINE_UNREACHABLE"
  | "NOT_OURS"
  | "NOT_FOUND"
  | "NAME_TAKEN"
  | "IMAGE_MISSING"
  | "IMAGE_MISMATCH"
  | "PORT_TAKEN"
  | "NOT_CONFIGURED"
  | "GATEWAY_UNREACHABLE"
  | "EDGE_CONFIG_REJECTED"
  | "EDGE_NOT_SERVING"
  | "TRANSFER_FAILED"
  | "START_FAILED"
  | "STALE_CONTROLLER"
  | "REFUSED_BY_POLICY";
