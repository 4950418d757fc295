import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseSecrets } from "@chela/shared/config/secrets";
import { type Access, accessSchema } from "./access.ts";
import { STATE_FILE } from "./ensure-state.ts";
import { FLEET_FILE, type FleetUsers, fleetDir, fleetUsers, userOf } from "./fleet-files.ts";
import {
  type RedisVantage,
  redisAccessSchema,
  redisTemplateValues,
  redisUrlAs,
  redisUrlFor,
} from "./redis-access.ts";

/** The host beside the console (agent `local`), or one that joined from elsewhere. */
type HostPlace = "local" | "remote";

/** What belongs to one fleet. */
export interface FleetState {
  /** Redis as an agent on such a host reaches it, with the agent's rights. */
  agentRedisUrl(place: HostPlace): string;
  /** Text of gateway.json, templates unresolved; read anew at each call, since operators edit it. */
  gatewayConfig(): Promise<string>;
  /** Values for its `{{NAME}}`: secrets.env (read anew) and the address of Redis as such a host's gateways reach it. */
  gatewaySecrets(place: HostPlace): Promise<Record<string, string>>;
  /** The edge's own certificate, PEM; null where the operator put none into tls/. */
  edgeTls(): Promise<{ certificate: string; key: string } | null>;
}

export interface State {
  readonly access: Access;
  /** Secret with which the agent `local` says hello. */
  readonly agentLocalSecret: string;
  /** Key of the console's own sessions and cookies. */
  readonly authSecret: string;
  /** Stable identity of this console. */
  readonly consoleId: string;
  /** Redis as the console reaches it, inside the first fleet's network. */
  readonly redisUrl: string;
  /** The same with every right, to let further fleets' users in; null where Redis is not ours. */
  readonly redisOwnerUrl: string | null;
  /** Of the first fleet, or of one whose files stand (fleet-files.ts). */
  fleet(name: string): Promise<FleetState>;
}

/**
 * Reads what `ensureState` wrote.
 * @param bind address on which Redis is published to other hosts (CHELA_BIND).
 * @throws Error that says which file is missing or broken.
 */
export async function readState(dir: string, bind: string): Promise<State> {
  const text = (name: string) => read(dir, name);
  const access = accessSchema.parse(JSON.parse(await text(STATE_FILE.access)));
  const redis = redisAccessSchema.parse(JSON.parse(await text(STATE_FILE.redis)));
  const network: RedisVantage = { from: "network", fleet: access.fleet };
  const elsewhere: RedisVantage = { from: "elsewhere", address: bind };

  async function redisUrls(fleet: string) {
    if (fleet === access.fleet || redis.kind === "external") {
      return (part: keyof FleetUsers, vantage: RedisVantage) => redisUrlFor(redis, part, vantage);
    }
    const passwords = await fleetUsers(dir, fleet);
    return (part: keyof FleetUsers, vantage: RedisVantage) =>
      redisUrlAs(redis, { name: userOf(part, fleet), password: passwords[part] }, vantage);
  }

  return {
    access,
    agentLocalSecret: (await text(STATE_FILE.agentLocal)).trim(),
    authSecret: (await text(STATE_FILE.console)).trim(),
    consoleId: (await text(STATE_FILE.consoleId)).trim(),
    redisUrl: redisUrlFor(redis, "console", network),
    redisOwnerUrl: redis.kind === "own" ? redisUrlFor(redis, "default", network) : null,
    async fleet(name) {
      const urlFor = await redisUrls(name);
      const own = name === access.fleet ? dir : fleetDir(dir, name);
      return {
        // The local agent lives on the machine's own network, its gateways on the fleet's.
        agentRedisUrl: (place) =>
          urlFor("agent", place === "local" ? { from: "machine" } : elsewhere),
        gatewayConfig: () => read(own, FLEET_FILE.gatewayConfig),
        gatewaySecrets: async (place) => ({
          ...redisTemplateValues(urlFor("gateway", place === "local" ? network : elsewhere)),
          ...secretsOf(await read(own, FLEET_FILE.secrets)),
        }),
        edgeTls: () => edgeTls(own),
      };
    },
  };
}

async function edgeTls(dir: string): ReturnType<FleetState["edgeTls"]> {
  const certificate = await optional(dir, FLEET_FILE.certificate);
  const key = await optional(dir, FLEET_FILE.certificateKey);
  if (certificate === null && key === null) return null;
  if (certificate === null || key === null) {
    const [there, missing] =
      key === null
        ? [FLEET_FILE.certificate, FLEET_FILE.certificateKey]
        : [FLEET_FILE.certificateKey, FLEET_FILE.certificate];
    throw new Error(`${there} is there, ${missing} is not: put both there, or neither.`);
  }
  return { certificate, key };
}

function secretsOf(text: string): Record<string, string> {
  const { values, faults } = parseSecrets(text);
  if (faults.length === 0) return values;
  const said = faults.map((fault) => `${fault.path} ${fault.message}`).join("; ");
  throw new Error(`${FLEET_FILE.secrets} does not fit: ${said}. Correct it there.`);
}

async function read(dir: string, name: string): Promise<string> {
  return readFile(join(dir, name), "utf8").catch((error: Error) => {
    throw new Error(
      `${join(dir, name)} cannot be read (${error.message}). bin/up writes what is missing.`,
    );
  });
}

async function optional(dir: string, name: string): Promise<string | null> {
  return readFile(join(dir, name), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
}
