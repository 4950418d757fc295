import { z } from "zod";

/**
 * What console and agent say to each other. The agent dials out; the console calls the agent's tRPC router
 * (apps/agent/src/router.ts) over that connection. Every command that changes something is safe to repeat:
 * it carries the operation's id and step, which end up as container labels.
 */

/** Container labels. A container without `chela.fleet` equal to the agent's fleet is never touched. */
export const LABEL = {
  fleet: "chela.fleet",
  host: "chela.host",
  /** Gateway name; only on gateways. */
  gateway: "chela.gateway",
  /** Edge name; only on edges. */
  edge: "chela.edge",
  operation: "chela.operation",
  step: "chela.step",
  release: "chela.release",
  /** Hash of the configuration and secrets it was created with. */
  config: "chela.config",
  /** Published port on the host's address. */
  port: "chela.port",
} as const;

export const GATEWAY_PORT = 3000;
export const GATEWAY_ADMIN_PORT = 3001;

/** First frame of an agent on the link (`/agent`, WebSocket). */
export const helloSchema = z.object({
  protocol: z.literal(1),
  /** Left out by agents of versions that knew one fleet only: the console's first. */
  fleet: z.string().optional(),
  host: z.string(),
  /** The secret this host was given when it joined. */
  secret: z.string(),
  agentVersion: z.string(),
});
export type Hello = z.infer<typeof helloSchema>;

export const operationRefSchema = z.object({ id: z.string(), step: z.string() });
export type OperationRef = z.infer<typeof operationRefSchema>;

/** What the console tells an agent once connected; the agent keeps it (0600) for when the console is away. */
export const hostConfigurationSchema = z.object({
  fleet: z.string(),
  host: z.string(),
  region: z.string().nullable(),
  /** For releasing a dead gateway's leases. */
  redisUrl: z.string(),
  keyPrefix: z.string(),
  shards: z.number().int(),
  /** Docker network that the fleet's local containers share; null: host has none, use the default bridge. */
  network: z.string().nullable(),
});
export type HostConfiguration = z.infer<typeof hostConfigurationSchema>;

export const gatewaySpecSchema = z.object({
  gateway: z.string(),
  /** Image reference (tag), as `Config.Image` shall read. */
  image: z.string(),
  /** `sha256:…`; refused if the tag points elsewhere on this host. */
  imageId: z.string(),
  release: z.number().int(),
  /** Null: the agent picks a free one and answers it. */
  port: z.number().int().nullable(),
  /** The prepared second address, which start-first replacement alternates with; null: the agent picks one. */
  secondPort: z.number().int().nullable().default(null),
  weight: z.number().int().min(1),
  /** Text of gateway.json, templates unresolved. */
  config: z.string(),
  /** Values for `{{NAME}}`; put into the container as a file, never as environment or label. */
  secrets: z.record(z.string(), z.string()),
  /** Longer than the gateway's drain deadline. */
  stopTimeoutSeconds: z.number().int(),
  /** Beyond it the kernel kills the container, and nothing else of the host suffers; null: no limit. */
  memoryBytes: z
    .number()
    .int()
    .min(64 * 1024 * 1024)
    .nullable()
    .default(null),
});
export type GatewaySpec = z.infer<typeof gatewaySpecSchema>;

/** Since the start of this incarnation; only ever rising. Buckets: see fleet/latency-buckets.ts, one count per bucket. */
export const gatewayCountsSchema = z.object({
  accepted: z.number().int(),
  duplicates: z.number().int(),
  /** The sender's fault: signature, body, size. */
  rejected: z.number().int(),
  /** Not storable, 503. */
  unavailable: z.number().int(),
  /** Answered 5xx for any other reason. */
  faults: z.number().int(),
  turnsDone: z.number().int(),
  turnsFailed: z.number().int(),
  acceptMs: z.array(z.number().int()),
  turnMs: z.array(z.number().int()),
});
export type GatewayCounts = z.infer<typeof gatewayCountsSchema>;

/** A gateway's own `/status`. */
export const gatewayStatusSchema = z.object({
  gateway: z.string(),
  incarnation: z.string(),
  fleet: z.string(),
  version: z.string(),
  role: z.enum(["active", "standby", "draining", "tilt"]),
  ready: z.boolean(),
  /** Why not ready; empty when ready. */
  reasons: z.array(z.string()),
  /** What does not keep it from being ready and should be put right, `code: sentence` each. Older gateways say none. */
  warnings: z.array(z.string()).default([]),
  draining: z.boolean(),
  assistantUp: z.boolean(),
  shards: z.array(z.object({ shard: z.number().int(), epoch: z.number().int() })),
  inFlight: z.number().int(),
  backlog: z.number().int(),
  sockets: z.number().int(),
  acceptP99Ms: z.number().nullable(),
  /** For judging a rollout. Older gateways say none. */
  counts: gatewayCountsSchema.nullable().default(null),
  uptimeMs: z.number(),
});
export type GatewayStatus = z.infer<typeof gatewayStatusSchema>;

/** How a run of a container ended. */
export const exitSchema = z.object({
  code: z.number().nullable(),
  /** The kernel killed it for memory, as Docker says. */
  outOfMemory: z.boolean(),
  at: z.string(),
});
export type Exit = z.infer<typeof exitSchema>;

/** One container of a gateway. */
export const gatewayContainerSchema = z.object({
  gateway: z.string(),
  containerId: z.string(),
  containerName: z.string(),
  image: z.string(),
  imageId: z.string(),
  state: z.enum(["created", "running", "paused", "restarting", "exited", "dead", "removing"]),
  exitCode: z.number().nullable(),
  /** The kernel killed it for memory, as Docker says. */
  outOfMemory: z.boolean().default(false),
  /** How its last run ended, also after it was started again; null: it has not ended since it was created. */
  lastExit: exitSchema.nullable().default(null),
  startedAt: z.string().nullable(),
  /** Times it came back after it had ended by itself or was killed, whoever brought it back. */
  restarts: z.number().int(),
  /** Host's address and the published port in use: one of the two that the edge knows. */
  address: z.object({ host: z.string(), port: z.number().int() }).nullable(),
  release: z.number().int().nullable(),
  configHash: z.string().nullable(),
  operation: operationRefSchema.nullable(),
  /** Null while it does not answer. */
  status: gatewayStatusSchema.nullable(),
  statusAt: z.string().nullable(),
  /** Why `status` is null. */
  statusError: z.string().nullable(),
  cpuPercent: z.number().nullable(),
  memoryBytes: z.number().nullable(),
});
export type GatewayContainer = z.infer<typeof gatewayContainerSchema>;

/** A gateway as its host sees it: the container that serves under its name. */
export const gatewayObservationSchema = gatewayContainerSchema.extend({
  /** Both prepared ports, `port` and `secondPort`; fewer while they are not chosen. */
  ports: z.array(z.number().int()).default([]),
  /** The container that was started first, `<name>-next`, until it takes over or is removed; null: none. */
  surge: gatewayContainerSchema.nullable().default(null),
});
export type GatewayObservation = z.infer<typeof gatewayObservationSchema>;

export const edgeSpecSchema = z.object({
  edge: z.string(),
  image: z.string(),
  /** Port that clients use, on every address of the host. */
  port: z.number().int(),
  /** The whole nginx.conf, rendered by shared/edge/nginx.ts. */
  config: z.string(),
  /** PEM texts, put beside the configuration; null: no TLS. */
  tls: z.object({ certificate: z.string(), key: z.string() }).nullable(),
});
export type EdgeSpec = z.infer<typeof edgeSpecSchema>;

export const edgeObservationSchema = z.object({
  edge: z.string(),
  containerId: z.string().nullable(),
  running: z.boolean(),
  /** SHA-256 of the configuration it runs. */
  configHash: z.string().nullable(),
  reloads: z.number().int(),
  /**
   * How gateways answered as clients saw it, by upstream `address:port`, since this agent follows nginx's log: 5xx and
   * time-outs, and answers slower than 250 ms on webhook paths. Only ever rising; an address without any is left out.
   */
  answers: z
    .array(z.object({ upstream: z.string(), failed: z.number().int(), slow: z.number().int() }))
    .default([]),
  /** Of the last probe through it. */
  probe: z
    .object({ ok: z.boolean(), status: z.number().nullable(), ms: z.number(), at: z.string() })
    .nullable(),
  error: z.string().nullable(),
});
export type EdgeObservation = z.infer<typeof edgeObservationSchema>;

export const hostDescriptionSchema = z.object({
  host: z.string(),
  agentVersion: z.string(),
  engineVersion: z.string().nullable(),
  /** Why Docker does not answer; null when it does. */
  engineError: z.string().nullable(),
  os: z.string(),
  cpus: z.number(),
  memoryBytes: z.number(),
  cpuPercent: z.number().nullable(),
  memoryUsedBytes: z.number().nullable(),
  /** Address under which this host's published ports are reached. */
  address: z.string(),
});
export type HostDescription = z.infer<typeof hostDescriptionSchema>;

/** Pushed by the agent (subscription `watch.observe`): the whole state of the host, at most every 200 ms and at least every second. */
export const hostReportSchema = z.object({
  at: z.string(),
  description: hostDescriptionSchema,
  gateways: z.array(gatewayObservationSchema),
  edges: z.array(edgeObservationSchema),
});
export type HostReport = z.infer<typeof hostReportSchema>;

/** Pushed by the agent (subscription `watch.events`). */
export const hostEventSchema = z.object({
  at: z.string(),
  kind: z.enum([
    "container-died",
    "container-started",
    "container-created",
    "container-removed",
    "leases-released",
    "gateway-silent",
    "edge-reloaded",
    "restarted-by-agent",
  ]),
  gateway: z.string().nullable(),
  edge: z.string().nullable(),
  detail: z.string(),
});
export type HostEvent = z.infer<typeof hostEventSchema>;

export const imageViewSchema = z.object({
  id: z.string(),
  tags: z.array(z.string()),
  sizeBytes: z.number(),
  createdAt: z.string(),
});
export type ImageView = z.infer<typeof imageViewSchema>;
