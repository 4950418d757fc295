import { hostname } from "node:os";
import { join } from "node:path";
import { z } from "zod";

const environmentSchema = z.object({
  CHELA_NAME: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,40}$/, "is the fleet's name: lower-case letters, digits, -")
    .default("chela"),
  CHELA_HOST: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9.-]{0,62}$/, "is this host's name: letters, digits, . -")
    .default(hostname()),
  CHELA_CONSOLE: z
    .url({
      protocol: /^wss?$/,
      error: "is the console's link, e.g. wss://console.example.com/agent",
    })
    .transform((url) => new URL(url)),
  CHELA_AGENT_DATA: z.string().startsWith("/", "is an absolute folder").default("/data"),
  CHELA_AGENT_SECRET_FILE: z.string().optional(),
  CHELA_JOIN_TOKEN: z.string().min(1).optional(),
  CHELA_ADDRESS: z
    .union([z.ipv4(), z.ipv6()], "is the address under which this host's ports are reached")
    .refine((address) => !/^(127\.|::1$)/.test(address), "must not be loopback")
    .optional(),
  DOCKER_SOCKET: z.string().startsWith("/", "is a path").default("/var/run/docker.sock"),
  /** Loopback only; 0: no metrics. */
  CHELA_AGENT_METRICS_PORT: z.coerce.number().int().min(0).max(65_535).default(9_464),
  /** Of the agent itself; its image says it. */
  CHELA_VERSION: z.string().min(1).default("unknown"),
  CHELA_LOG_LEVEL: z.enum(["debug", "info", "warn", "error"]).default("info"),
});

interface AgentConfig {
  readonly fleet: string;
  readonly host: string;
  /** The link, `ws(s)://…/agent`. */
  readonly consoleUrl: URL;
  readonly dataFolder: string;
  readonly secretFile: string;
  readonly joinToken: string | null;
  readonly address: string | null;
  readonly dockerSocket: string;
  readonly metricsPort: number;
  readonly agentVersion: string;
  readonly logLevel: string;
}

export type LoadedConfig = { ok: true; config: AgentConfig } | { ok: false; faults: string[] };

/** The agent's configuration; the only reader of `process.env`. Every fault at once, as sentences. */
export function loadConfig(): LoadedConfig {
  return readConfig(process.env);
}

export function readConfig(
  environment: Readonly<Record<string, string | undefined>>,
): LoadedConfig {
  // An empty variable is how Compose passes one that is not set.
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => {
      const name = issue.path.join(".");
      return given[name] === undefined
        ? `${name} is missing: set it in the environment.`
        : `${name} ${issue.message}.`;
    });
    return { ok: false, faults };
  }
  const value = parsed.data;
  return {
    ok: true,
    config: {
      fleet: value.CHELA_NAME,
      host: value.CHELA_HOST,
      consoleUrl: value.CHELA_CONSOLE,
      dataFolder: value.CHELA_AGENT_DATA,
      secretFile: value.CHELA_AGENT_SECRET_FILE ?? join(value.CHELA_AGENT_DATA, "secret"),
      joinToken: value.CHELA_JOIN_TOKEN ?? null,
      address: value.CHELA_ADDRESS ?? null,
      dockerSocket: value.DOCKER_SOCKET,
      agentVersion: value.CHELA_VERSION,
      metricsPort: value.CHELA_AGENT_METRICS_PORT,
      logLevel: value.CHELA_LOG_LEVEL,
    },
  };
}
