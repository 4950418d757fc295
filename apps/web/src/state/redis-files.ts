import type { RedisAccess } from "./redis-access.ts";

/**
 * Configuration of the fleet's own Redis, made anew at each start from the passwords in redis.json. Pure.
 * What is answered with "accepted" must be on disk: appendfsync always. Nothing may be evicted.
 */
export function redisConf(): string {
  return [
    "bind * -::*",
    "protected-mode no",
    "port 6379",
    "dir /data",
    "aclfile /data/users.acl",
    "appendonly yes",
    "appendfsync always",
    'save ""',
    "maxmemory-policy noeviction",
    "tcp-keepalive 30",
    "",
  ].join("\n");
}

/** What every part needs: its own keys, its scripts, pub/sub. */
const WORK = [
  "+@read",
  "+@write",
  "+@connection",
  "+@pubsub",
  "+@scripting",
  "+@transaction",
  "-@admin",
  "-@dangerous",
  "-function",
  "-script|flush",
  "-script|kill",
  "+info",
  "+time",
  "+wait",
  "+role",
];
const RIGHTS = {
  gateway: WORK,
  agent: WORK,
  // For its health page: whether persistence and eviction are as they must be.
  console: [...WORK, "+config|get", "+dbsize"],
} as const;

/** One fleet's place in Redis, and who works there. */
export interface FleetReach {
  fleet: string;
  keyPrefix: string;
  users: { part: "gateway" | "agent"; name: string; password: string }[];
}

/**
 * Users of our own Redis by name, each with its rules, beginning from nothing: gateways and agents reach the keys and
 * channels of their fleet, the console those of all its fleets. Pure.
 */
export function redisUsers(consolePassword: string, fleets: readonly FleetReach[]) {
  const reach = ({ fleet, keyPrefix }: FleetReach) =>
    [`${keyPrefix}{${fleet}}:*`, `${keyPrefix}{${fleet}:*}:*`].flatMap((place) => [
      `~${place}`,
      `&${place}`,
    ]);
  return new Map<string, string[]>([
    ["console", ["on", `>${consolePassword}`, ...fleets.flatMap(reach), ...RIGHTS.console]],
    ...fleets.flatMap((fleet) =>
      fleet.users.map(({ part, name, password }): [string, string[]] => [
        name,
        ["on", `>${password}`, ...reach(fleet), ...RIGHTS[part]],
      ]),
    ),
  ]);
}

/**
 * The same as Redis reads them at its start. `default` may everything (access.json names it, for an operator's own
 * look); `health` answers PING without a password.
 */
export function usersAcl(
  passwords: Extract<RedisAccess, { kind: "own" }>["passwords"],
  fleets: readonly FleetReach[],
): string {
  const users = [...redisUsers(passwords.console, fleets)];
  return [
    `user default on >${passwords.default} ~* &* +@all`,
    ...users.map(([name, rules]) => `user ${name} ${rules.join(" ")}`),
    "user health on nopass -@all +ping",
    "",
  ].join("\n");
}
