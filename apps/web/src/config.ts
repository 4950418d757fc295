import { z } from "zod";

const port = z.coerce.number().int().min(1).max(65_535);
const environmentSchema = z.object({
  CHELA_NAME: z.string().default("chela"),
  CHELA_STATE_DIR: z.string().default(".chela"),
  CHELA_CONSOLE_PORT: port.default(4400),
  CHELA_CONSOLE_URL: z.url().optional(),
  CHELA_LISTEN: z.string().default("0.0.0.0"),
  CHELA_EDGE_PORT: port.default(8080),
  CHELA_GATEWAYS: z.coerce.number().int().min(0).max(64).default(2),
  CHELA_GATEWAY_IMAGE: z.string().default("chela-gateway:local"),
  CHELA_EDGE_IMAGE: z.string().default("chela-edge:local"),
  CHELA_AGENT_IMAGE: z.string().default("chela-agent:local"),
  CHELA_BIND: z.string().default("127.0.0.1"),
  CHELA_REDIS_PORT: port.default(6379),
  CHELA_DEV: z.enum(["0", "1"]).default("0"),
  CHELA_LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error"]).default("info"),
});

export interface Config {
  /** Also the fleet's name. */
  fleet: string;
  stateDir: string;
  /** Port this process listens on. */
  port: number;
  listen: string;
  /** As browsers reach it. */
  consoleUrl: string;
  /** As agents of other hosts reach it. */
  agentUrl: string;
  edgePort: number;
  /** How many gateways a new fleet starts with. */
  gateways: number;
  images: { gateway: string; edge: string; agent: string };
  /** Address on which Redis is published. */
  bind: string;
  redisPort: number;
  /** Pages are compiled on demand. */
  dev: boolean;
  logLevel: string;
}

/**
 * Reads the environment; the only place that does. An empty value counts as not given (compose passes those).
 * @throws Error naming every variable that does not fit, all at once.
 */
export function readConfig(env: Record<string, string | undefined> = process.env): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw new Error(`The environment does not fit. ${faults.join("; ")}`);
  }
  const value = parsed.data;
  const consoleUrl = (
    value.CHELA_CONSOLE_URL ?? `http://localhost:${value.CHELA_CONSOLE_PORT}`
  ).replace(/\/+$/, "");
  return {
    fleet: value.CHELA_NAME,
    stateDir: value.CHELA_STATE_DIR,
    port: value.CHELA_CONSOLE_PORT,
    listen: value.CHELA_LISTEN,
    consoleUrl,
    // Where the console's own name is loopback, the address it is published on beside it serves the agents.
    agentUrl:
      isLoopback(new URL(consoleUrl).hostname) && !isLoopback(value.CHELA_BIND)
        ? `http://${value.CHELA_BIND}:${value.CHELA_CONSOLE_PORT}`
        : consoleUrl,
    edgePort: value.CHELA_EDGE_PORT,
    gateways: value.CHELA_GATEWAYS,
    images: {
      gateway: value.CHELA_GATEWAY_IMAGE,
      edge: value.CHELA_EDGE_IMAGE,
      agent: value.CHELA_AGENT_IMAGE,
    },
    bind: value.CHELA_BIND,
    redisPort: value.CHELA_REDIS_PORT,
    dev: value.CHELA_DEV === "1",
    logLevel: value.CHELA_LOG_LEVEL,
  };
}

/** Reached from this machine only. */
export const isLoopback = (address: string) =>
  address === "localhost" || address === "::1" || address.startsWith("127.");
