import { once } from "node:events";
import { connectRedis, orUnreachable } from "../fleet/redis-connection.ts";
import { redisReach } from "./fleet-files.ts";
import { redisUsers } from "./redis-files.ts";

const READY_WITHIN_MS = 5_000;
/** Users of fleets that may have been removed. */
const OF_SOME_FLEET = /^(gateway|agent)-/;

/**
 * Brings the users of our own Redis up to what the state directory says, while it runs: what they reach changes at
 * once, and stands in its file for its next start. Nothing to do where Redis is not ours.
 * @param ownerUrl of the user that may everything.
 * @throws Refusal where Redis does not answer.
 */
export async function applyRedisUsers(stateDir: string, ownerUrl: string | null): Promise<void> {
  const reach = await redisReach(stateDir);
  if (reach === null || ownerUrl === null) return;
  const users = redisUsers(reach.passwords.console, reach.fleets);
  const redis = connectRedis(ownerUrl, "chela-console-users");
  try {
    await orUnreachable(async () => {
      await once(redis, "ready", { signal: AbortSignal.timeout(READY_WITHIN_MS) });
      // One command each, from nothing to all: there is no moment in which a user may less than it will.
      for (const [name, rules] of users)
        await redis.call("ACL", "SETUSER", name, "reset", ...rules);
      const present = (await redis.call("ACL", "USERS")) as string[];
      const gone = present.filter((name) => OF_SOME_FLEET.test(name) && !users.has(name));
      if (gone.length > 0) await redis.call("ACL", "DELUSER", ...gone);
      await redis.call("ACL", "SAVE");
    });
  } finally {
    redis.disconnect();
  }
}
