import { randomBytes } from "node:crypto";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { DEFAULT_KEY_PREFIX } from "@chela/shared/keys/keys";
import { z } from "zod";
import { accessSchema } from "./access.ts";
import { initialGatewayConfig, initialSecrets } from "./initial-files.ts";
import { type RedisAccess, redisAccessSchema } from "./redis-access.ts";
import type { FleetReach } from "./redis-files.ts";
import { onceIn } from "./write-once.ts";

/**
 * Each fleet's own files. The first one's stand in the state directory itself, those of every further one in
 * `fleets/<name>/`: its gateway.json and secrets.env, tls/ and, with Redis of our own, its users there.
 */
export const FLEET_FILE = {
  gatewayConfig: "gateway.json",
  secrets: "secrets.env",
  certificate: "tls/edge.crt",
  certificateKey: "tls/edge.key",
} as const;
/** Folder of all further fleets in the state directory. */
export const FLEETS_DIR = "fleets";
/** Passwords of a further fleet's gateways and agents. While it stands, they may in. */
const USERS = "redis-users.json";

const fleetUsersSchema = z.object({ gateway: z.string(), agent: z.string() });
export type FleetUsers = z.infer<typeof fleetUsersSchema>;

export const token = (bytes = 32) => randomBytes(bytes).toString("base64url");
const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

export const fleetDir = (stateDir: string, fleet: string) => join(stateDir, FLEETS_DIR, fleet);

/**
 * Writes what a further fleet lacks; never changes what is there.
 * @returns the key prefix that its gateway.json says afterwards.
 */
export async function ensureFleetFiles(
  stateDir: string,
  fleet: string,
  keyPrefix: string,
): Promise<string> {
  await onceIn(join(stateDir, FLEETS_DIR), stateDir);
  const dir = fleetDir(stateDir, fleet);
  await onceIn(join(dir, "tls"), stateDir);
  const once = await onceIn(dir, stateDir);
  const secrets = {
    webhookSecret: `whsec_${randomBytes(32).toString("base64")}`,
    clientToken: token(),
  };
  await once(FLEET_FILE.secrets, () => initialSecrets(secrets, "echo", {}));
  const config = await once(FLEET_FILE.gatewayConfig, () =>
    initialGatewayConfig("echo", keyPrefix),
  );
  await once(USERS, () => json({ gateway: token(), agent: token() } satisfies FleetUsers));
  return keyPrefixOf(config);
}

/** The files that an operator edits stay; its users of Redis are gone for good. */
export async function forgetFleetUsers(stateDir: string, fleet: string): Promise<void> {
  await rm(join(fleetDir(stateDir, fleet), USERS), { force: true });
}

export async function fleetUsers(stateDir: string, fleet: string): Promise<FleetUsers> {
  const text = await readFile(join(fleetDir(stateDir, fleet), USERS), "utf8");
  return fleetUsersSchema.parse(JSON.parse(text));
}

/** Whose keys the users of the console's own Redis reach: every fleet that has files here. Null: the Redis is not ours. */
export async function redisReach(
  stateDir: string,
): Promise<{ passwords: OwnPasswords; fleets: FleetReach[] } | null> {
  const text = (...path: string[]) => readFile(join(stateDir, ...path), "utf8");
  const redis = redisAccessSchema.parse(JSON.parse(await text("redis.json")));
  if (redis.kind !== "own") return null;
  const first = accessSchema.parse(JSON.parse(await text("access.json"))).fleet;
  const { gateway, agent } = redis.passwords;
  const fleets: FleetReach[] = [
    {
      fleet: first,
      keyPrefix: keyPrefixOf(await text(FLEET_FILE.gatewayConfig)),
      users: [
        { part: "gateway", name: "gateway", password: gateway },
        { part: "agent", name: "agent", password: agent },
      ],
    },
  ];
  for (const fleet of (await readdir(join(stateDir, FLEETS_DIR)).catch(() => [])).sort()) {
    const users = await fleetUsers(stateDir, fleet).catch(() => null);
    if (users === null) continue;
    fleets.push({
      fleet,
      keyPrefix: keyPrefixOf(await text(FLEETS_DIR, fleet, FLEET_FILE.gatewayConfig)),
      users: (["gateway", "agent"] as const).map((part) => ({
        part,
        name: userOf(part, fleet),
        password: users[part],
      })),
    });
  }
  return { passwords: redis.passwords, fleets };
}

type OwnPasswords = Extract<RedisAccess, { kind: "own" }>["passwords"];

/** Of a further fleet, in our own Redis. */
export const userOf = (part: keyof FleetUsers, fleet: string) => `${part}-${fleet}`;

/** A gateway.json that does not parse is told by whoever uses it; here it must not stop Redis. */
function keyPrefixOf(config: string): string {
  try {
    const prefix = JSON.parse(config)?.gateway?.session?.redis?.keyPrefix;
    return typeof prefix === "string" ? prefix : DEFAULT_KEY_PREFIX;
  } catch {
    return DEFAULT_KEY_PREFIX;
  }
}
