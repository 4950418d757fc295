import type { RedisAccess, RedisUser } from "./redis-access.ts";

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
const RIGHTS: Record<Exclude<RedisUser, "default">, readonly string[]> = {
  gateway: WORK,
  agent: WORK,
  // For its health page: whether persistence and eviction are as they must be.
  console: [...WORK, "+config|get", "+dbsize"],
};

/**
 * Users of the fleet's own Redis: each part reaches the fleet's keys and channels and nothing else; `default`
 * may everything (access.json names it, for an operator's own look); `health` answers PING without a password.
 */
export function usersAcl(
  passwords: Extract<RedisAccess, { kind: "own" }>["passwords"],
  keyPrefix: string,
  fleet: string,
): string {
  const places = [`${keyPrefix}{${fleet}}:*`, `${keyPrefix}{${fleet}:*}:*`];
  const reach = places.flatMap((place) => [`~${place}`, `&${place}`]).join(" ");
  const parts = (Object.keys(RIGHTS) as (keyof typeof RIGHTS)[]).map(
    (user) => `user ${user} on >${passwords[user]} ${reach} ${RIGHTS[user].join(" ")}`,
  );
  return [
    `user default on >${passwords.default} ~* &* +@all`,
    ...parts,
    "user health on nopass -@all +ping",
    "",
  ].join("\n");
}
