import { existsSync, readFileSync } from "node:fs";
import { isIP } from "node:net";
import { networkInterfaces } from "node:os";
import { isAbsolute, join } from "node:path";
import { accessSchema } from "../../apps/web/src/state/access.ts";
import { STATE_FILE } from "../../apps/web/src/state/ensure-state.ts";
import { redisAccessSchema } from "../../apps/web/src/state/redis-access.ts";
import { parseStateSettings } from "../../apps/web/src/state/settings.ts";
import { Problem } from "../run/problem.ts";

/** The settings of a fleet as `docker-compose.yml` names them. All text, since that is what compose takes. */
export type FleetSettings = Record<(typeof NAMES)[number], string>;

/** Fixed once the state directory was written: the secrets and addresses in it belong to them. */
const FIXED = [
  "CHELA_NAME",
  "CHELA_EDGE_PORT",
  "CHELA_CONSOLE_PORT",
  "CHELA_CONSOLE_URL",
  "CHELA_REDIS_PORT",
] as const;
/** Count at the first start only, or as the operator edits them afterwards; another value changes nothing. */
const FIRST_START = ["CHELA_GATEWAYS", "CHELA_ASSISTANT", "CHELA_ADMIN_EMAIL"] as const;
const CHANGEABLE = ["CHELA_BIND", "DATABASE_URL"] as const;
const DERIVED = [
  "CHELA_STATE_DIR",
  "CHELA_UID",
  "CHELA_GID",
  "CHELA_REDIS_REPLICAS",
  "COMPOSE_FILE",
] as const;
const NAMES = [...FIXED, ...FIRST_START, ...CHANGEABLE, ...DERIVED] as const;

const DEFAULTS: Partial<FleetSettings> = {
  CHELA_NAME: "chela",
  CHELA_EDGE_PORT: "8080",
  CHELA_CONSOLE_PORT: "4400",
  CHELA_GATEWAYS: "2",
  CHELA_BIND: "127.0.0.1",
};

type Environment = Readonly<Record<string, string | undefined>>;

/** Where the state directory of this clone's fleet is. */
export function stateDirOf(root: string, env: Environment): string {
  const given = env["CHELA_STATE_DIR"] || ".chela";
  return isAbsolute(given) ? given : join(root, given);
}

/** What an earlier `bin/up` wrote beside the state, or what a plain `docker compose up` left; empty before the first. */
export function rememberedSettings(stateDir: string): Partial<FleetSettings> {
  const path = join(stateDir, SETTINGS_FILE);
  if (!existsSync(path)) return settingsOfAccess(stateDir);
  const lines = readFileSync(path, "utf8").split("\n");
  return Object.fromEntries(
    lines.flatMap((line) => {
      const match = /^([A-Z_]+)='(.*)'$/.exec(line);
      return match === null ? [] : [[match[1], match[2]]];
    }),
  );
}

function settingsOfAccess(stateDir: string): Partial<FleetSettings> {
  if (!existsSync(join(stateDir, STATE_FILE.access))) return {};
  const read = (name: string) => JSON.parse(readFileSync(join(stateDir, name), "utf8"));
  const access = accessSchema.parse(read(STATE_FILE.access));
  const redis = redisAccessSchema.parse(read(STATE_FILE.redis));
  return {
    ...DEFAULTS,
    CHELA_NAME: access.fleet,
    CHELA_EDGE_PORT: new URL(access.edgeUrl).port,
    CHELA_REDIS_REPLICAS: redis.kind === "own" ? "1" : "0",
    ...(redis.kind === "own" ? { CHELA_REDIS_PORT: String(redis.port) } : {}),
  };
}

/** As compose reads an .env file: single quotes keep everything as it is. */
export function settingsText(settings: Partial<FleetSettings>): string {
  const lines = NAMES.filter((name) => (settings[name] ?? "") !== "").map(
    (name) => `${name}='${settings[name]}'`,
  );
  return `${SETTINGS_HEADER}\n${lines.join("\n")}\n`;
}
export const SETTINGS_FILE = "compose.env";
export const SETTINGS_HEADER =
  "# Written by bin/up: what `docker compose` needs to find this fleet again. Not for editing.";

/**
 * Settings for this run: the environment's, else the remembered, else the default.
 * Passwords are not among them: they go into the state directory once and are not remembered here.
 * @throws Problem where the environment contradicts the state directory, or a value cannot be.
 */
export function resolveSettings(
  stateDir: string,
  env: Environment,
  remembered: Partial<FleetSettings>,
): Partial<FleetSettings> {
  const known = Object.keys(remembered).length > 0;
  const settings: Partial<FleetSettings> = {};
  for (const name of [...FIXED, ...FIRST_START, ...CHANGEABLE]) {
    const given = env[name] ?? "";
    const before = remembered[name] ?? "";
    if (known && given !== "" && given !== before && (FIXED as readonly string[]).includes(name)) {
      throw new Problem(
        `${name}=${given}, but the fleet in ${stateDir} was set up with ${before === "" ? "none" : before}.`,
        `Leave ${name} out to start that fleet; or give another CHELA_STATE_DIR (and CHELA_NAME) for a second one; or remove the first with bin/down --purge.`,
      );
    }
    const keep = known && (FIRST_START as readonly string[]).includes(name);
    settings[name] = keep ? before : given || before || (DEFAULTS[name] ?? "");
  }
  const external = (env["REDIS_URL"] ?? "") !== "";
  if (known && external && remembered.CHELA_REDIS_REPLICAS !== "0") {
    throw new Problem(
      `REDIS_URL is given, but the fleet in ${stateDir} has a Redis of its own.`,
      "Leave REDIS_URL out; or remove that fleet with bin/down --purge and start anew with it.",
    );
  }
  settings.CHELA_REDIS_REPLICAS = external || remembered.CHELA_REDIS_REPLICAS === "0" ? "0" : "1";
  settings.CHELA_STATE_DIR = stateDir;
  checkValues({ ...env, ...settings });
  checkBind(settings.CHELA_BIND ?? "");
  return settings;
}

/** The init container would refuse them too; here they are told before anything is started. */
function checkValues(values: Environment): void {
  try {
    parseStateSettings(values);
  } catch (error) {
    throw new Problem((error as Error).message, "Correct the variable and run it again.");
  }
}

/** Other hosts are told this address, so it has to be one, and this machine's. */
function checkBind(bind: string): void {
  const own = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  if (isIP(bind) !== 0 && own.some((address) => address.address === bind)) return;
  const choices = own.filter((a) => !a.internal && a.family === "IPv4").map((a) => a.address);
  throw new Problem(
    `CHELA_BIND=${bind} is not an address of this machine.`,
    `Give one that the other hosts reach (this machine has ${choices.join(", ") || "none beyond 127.0.0.1"}), or leave it out for a fleet on this machine alone.`,
  );
}
