import { DEFAULT_KEY_PREFIX } from "@chela/shared/keys/keys";
import { z } from "zod";
import { channelsSchema } from "./channel/channel-settings.ts";

/** A number that may come out of a template, and so as text: `"port": "{{REDIS_PORT}}"`. */
const count = (min: number, max: number) =>
  z.preprocess(
    (value) => (typeof value === "string" && /^\d{1,12}$/.test(value) ? Number(value) : value),
    z.number().int().min(min).max(max),
  );

const port = count(1, 65_535);
const address = z.strictObject({ host: z.string().min(1), port });
const url = z.url({ protocol: /^https?$/, error: "is not an http or https URL" });

const redis = z
  .strictObject({
    host: z.string().min(1).optional(),
    port: port.default(6379),
    username: z.string().optional(),
    password: z.string().optional(),
    db: count(0, 1_000_000).default(0),
    keyPrefix: z
      .string()
      .regex(/^[^{}]*$/, "may hold no braces: they would change where keys are stored")
      .default(DEFAULT_KEY_PREFIX),
    tls: z.boolean().default(false),
    sentinels: z.array(address).min(1).optional(),
    /** Sentinel's name for the Redis group. */
    name: z.string().min(1).optional(),
    sentinelPassword: z.string().optional(),
    cluster: z.array(address).optional(),
    /**
     * When something counts as stored: once this Redis has it, or once a replica has it too (then the loss of the
     * primary loses nothing that was accepted). Unset: `replica` beside sentinels, else `primary`.
     */
    ack: z.enum(["primary", "replica"]).optional(),
  })
  .superRefine((redis, context) => {
    const fault = (path: string, message: string) =>
      context.addIssue({ code: "custom", path: [path], message });
    if (redis.cluster !== undefined) {
      fault("cluster", "Redis Cluster is not supported yet: use a single Redis or Sentinel");
    } else if (redis.sentinels !== undefined) {
      if (redis.name === undefined)
        fault("name", "is needed beside sentinels: Sentinel's group name");
    } else if (redis.host === undefined) {
      fault("host", "is needed: where Redis listens (or sentinels and name)");
    }
  });

/** A bearer token, or several while one replaces another. */
const tokens = z.preprocess(
  (value) => (typeof value === "string" ? [value] : value),
  z
    .array(
      z
        .string()
        .min(16, "is too short to be a token: 16 characters or more")
        .regex(/^[!-~]*$/, "holds what no header can carry: letters, digits and signs, no blanks"),
    )
    .min(1),
);

const assistant = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("echo"), latencyMs: count(0, 600_000).default(0) }),
  z.strictObject({
    type: z.literal("openai"),
    /** With the version, e.g. `https://api.openai.com/v1`. */
    baseUrl: url,
    apiKey: z.string().default(""),
    model: z.string().min(1),
    systemPrompt: z.string().optional(),
    /** For a whole answer. */
    timeoutMs: count(1_000, 3_600_000).default(300_000),
    /** Until the answer begins. */
    firstByteTimeoutMs: count(1_000, 3_600_000).default(120_000),
    /** Between two pieces of an answer; long enough for the tools an agent uses on the way. */
    idleTimeoutMs: count(1_000, 3_600_000).default(120_000),
    /** How many earlier messages of the session it is shown. */
    historyMessages: count(0, 10_000).default(100),
    /** The same in tokens, estimated; the new message itself is always sent whole. */
    historyTokens: count(0, 10_000_000).default(32_000),
  }),
]);

const session = z.strictObject({
  store: z.literal("redis").default("redis"),
  redis,
  /** A session ends this long after its last message. */
  ttlSeconds: count(60, 10 * 365 * 86_400).default(30 * 86_400),
  /** Stored per session at most, about; older ones go. */
  messagesMax: count(100, 1_000_000).default(20_000),
});

const webhook = z
  .strictObject({
    deduplication: z.boolean().default(true),
    deduplicationStore: z.literal("redis").default("redis"),
    /** Seconds; when set, for every channel. */
    deduplicationTTL: count(1, 365 * 86_400).optional(),
    bodyBytesMax: count(1_024, 64 * 1_048_576).default(1_048_576),
    /** Events waiting in one shard; beyond it new ones are refused. */
    backlogMax: count(1, 10_000_000).default(10_000),
  })
  .prefault({});

/** `gateway.json`: strict, so that a misspelt key is an error and not a setting that silently does nothing. */
export const gatewayConfigSchema = z.strictObject({
  gateway: z.strictObject({
    session,
    webhook,
    channels: channelsSchema,
    /** Who may chat over WebSocket and call `/v1`; unset: nobody. */
    clients: z
      .strictObject({
        token: tokens,
        /** How long a caller of `/v1` waits for its answer; below the edge's own read time-out of 10 minutes. */
        answerTimeoutMs: count(1_000, 3_600_000).default(540_000),
        /** Body of a call to `/v1`: the whole conversation, images included. */
        bodyBytesMax: count(1_024, 64 * 1_048_576).default(4 * 1_048_576),
      })
      .optional(),
    assistant: assistant.prefault({ type: "echo" }),
  }),
});

export type GatewaySettings = z.output<typeof gatewayConfigSchema>["gateway"];
export type RedisSettings = GatewaySettings["session"]["redis"];
export type OpenAiSettings = Extract<GatewaySettings["assistant"], { type: "openai" }>;
