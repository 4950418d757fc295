import { readFileSync } from "node:fs";
import { parseConfig, schemaFaults } from "@chela/shared/config/parse";
import { type Fault, parseSecrets } from "@chela/shared/config/secrets";
import { z } from "zod";
import { type GatewaySettings, gatewayConfigSchema } from "./settings.ts";

const port = z.coerce.number().int().min(0).max(65_535);

const environmentSchema = z.object({
  CHELA_FLEET: z.string().min(1, "is empty: the fleet's name"),
  CHELA_GATEWAY: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, "is this gateway's name: letters, digits, . _ -"),
  CHELA_VERSION: z.string().min(1).default("unknown"),
  CHELA_WEIGHT: z.coerce.number().int().min(1).max(1_000).default(1),
  CHELA_CONFIG: z.string().default("/chela/gateway.json"),
  CHELA_SECRETS: z.string().default("/chela/secrets.env"),
  CHELA_PORT: port.default(3000),
  CHELA_ADMIN_PORT: port.default(3001),
  CHELA_LOG_LEVEL: z.enum(["debug", "info", "warn", "error"]).default("info"),
});

export interface GatewayConfig {
  readonly fleet: string;
  readonly gateway: string;
  readonly version: string;
  readonly weight: number;
  readonly port: number;
  readonly adminPort: number;
  readonly adminToken: string;
  readonly logLevel: string;
  readonly settings: GatewaySettings;
}

export type LoadedConfig =
  | { ok: true; config: GatewayConfig; warnings: Fault[] }
  | { ok: false; faults: Fault[] };

/** This process' configuration: the environment, the secrets file and `gateway.json`. The only reader of `process.env`. */
export function loadConfig(): LoadedConfig {
  return readConfig(process.env, (path) => readFileSync(path, "utf8"));
}

/** As `loadConfig`, from a given environment; every fault of all three sources at once. */
export function readConfig(
  environment: Readonly<Record<string, string | undefined>>,
  readText: (path: string) => string,
): LoadedConfig {
  const faults: Fault[] = [];
  const env = environmentSchema.safeParse(environment);
  if (!env.success) faults.push(...schemaFaults(env.error).map(inEnvironment));
  const configPath = env.data?.CHELA_CONFIG ?? environment["CHELA_CONFIG"] ?? "/chela/gateway.json";
  const secretsPath =
    env.data?.CHELA_SECRETS ?? environment["CHELA_SECRETS"] ?? "/chela/secrets.env";

  // A gateway whose configuration names no secret needs no secrets file.
  const secrets = parseSecrets(textOf(secretsPath, readText) ?? "");
  faults.push(...secrets.faults);
  const values = { ...secrets.values, ...environment };
  const adminToken = values["CHELA_ADMIN_TOKEN"] ?? "";
  if (adminToken === "") {
    faults.push({
      path: "CHELA_ADMIN_TOKEN",
      message: "is missing: set it in the environment or in the secrets file",
    });
  }

  const text = textOf(configPath, readText);
  if (text === null) {
    faults.push({ path: configPath, message: "cannot be read: mount it, or set CHELA_CONFIG" });
    return { ok: false, faults };
  }
  const settings = parseConfig(gatewayConfigSchema, text, values);
  if (!settings.ok) faults.push(...settings.faults);
  if (!settings.ok || !env.success || faults.length > 0) return { ok: false, faults };

  const { gateway } = settings.value;
  return {
    ok: true,
    warnings: warningsOf(gateway),
    config: {
      fleet: env.data.CHELA_FLEET,
      gateway: env.data.CHELA_GATEWAY,
      version: env.data.CHELA_VERSION,
      weight: env.data.CHELA_WEIGHT,
      port: env.data.CHELA_PORT,
      adminPort: env.data.CHELA_ADMIN_PORT,
      adminToken,
      logLevel: env.data.CHELA_LOG_LEVEL,
      settings: withUsername(gateway, values["REDIS_USERNAME"]),
    },
  };
}

/** A block that gives Redis a password only, as it stands in the contract, means the user that the fleet gave this gateway. */
function withUsername(settings: GatewaySettings, username: string | undefined): GatewaySettings {
  const { redis } = settings.session;
  if (redis.username !== undefined || username === undefined) return settings;
  return { ...settings, session: { ...settings.session, redis: { ...redis, username } } };
}

function textOf(path: string, readText: (path: string) => string): string | null {
  try {
    return readText(path);
  } catch {
    return null;
  }
}

function inEnvironment(fault: Fault): Fault {
  const missing = fault.message.includes("received undefined");
  return missing ? { path: fault.path, message: "is missing: set it in the environment" } : fault;
}

function warningsOf(settings: GatewaySettings): Fault[] {
  const ttl = settings.webhook.deduplicationTTL;
  if (!settings.webhook.deduplication || ttl === undefined || ttl >= 400) return [];
  return [
    {
      path: "gateway.webhook.deduplicationTTL",
      message:
        "is below 400 seconds: Slack's last retry comes after six minutes and would be taken for a new event",
    },
  ];
}
