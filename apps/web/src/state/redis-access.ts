import { z } from "zod";

/** `redis.json`: whose Redis it is, and the passwords of its users, one per part (see redis-files.ts). */
export const redisAccessSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("own"),
    /** Published on this machine; inside the fleet's network it is always 6379. */
    port: z.number().int(),
    passwords: z.object({
      default: z.string(),
      gateway: z.string(),
      agent: z.string(),
      console: z.string(),
    }),
  }),
  z.object({ kind: z.literal("external"), url: z.string() }),
]);
export type RedisAccess = z.infer<typeof redisAccessSchema>;
export type RedisUser = "default" | "gateway" | "agent" | "console";

/** From where Redis is to be reached: the fleet's own Docker network, this machine itself, or another host. */
export type RedisVantage =
  | { from: "network"; fleet: string }
  | { from: "machine" }
  | { from: "elsewhere"; address: string };

const PORT_INSIDE = 6379;

/** URL of a user's connection to Redis as seen from somewhere. An external Redis has one address for all. */
export function redisUrlFor(access: RedisAccess, user: RedisUser, vantage: RedisVantage): string {
  if (access.kind === "external") return access.url;
  return redisUrlAs(access, { name: user, password: access.passwords[user] }, vantage);
}

/** The same for any user of our own Redis. */
export function redisUrlAs(
  access: Extract<RedisAccess, { kind: "own" }>,
  user: { name: string; password: string },
  vantage: RedisVantage,
): string {
  return `redis://${user.name}:${user.password}@${placeOf(vantage, access.port)}/0`;
}

/** The values that gateway.json's `{{REDIS_…}}` stand for, out of a URL. */
export function redisTemplateValues(url: string): Record<string, string> {
  const parts = new URL(url);
  return {
    REDIS_HOST: parts.hostname.replace(/^\[|\]$/g, ""),
    REDIS_PORT: parts.port === "" ? String(PORT_INSIDE) : parts.port,
    REDIS_USERNAME: decodeURIComponent(parts.username) || "default",
    REDIS_PASSWORD: decodeURIComponent(parts.password),
  };
}

function placeOf(vantage: RedisVantage, published: number): string {
  switch (vantage.from) {
    case "network":
      return `${vantage.fleet}-redis:${PORT_INSIDE}`;
    case "machine":
      return `127.0.0.1:${published}`;
    case "elsewhere":
      return `${bracket(vantage.address)}:${published}`;
  }
}

const bracket = (address: string) => (address.includes(":") ? `[${address}]` : address);
