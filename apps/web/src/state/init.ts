import { chown, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AGENT_DIR, environment, REDIS_DIR, STATE_DIR } from "./config.ts";
import { ensureState, STATE_FILE } from "./ensure-state.ts";
import { redisReach } from "./fleet-files.ts";
import { redisConf, usersAcl } from "./redis-files.ts";

/**
 * The fleet's first container: writes what is missing in the state directory, then what Redis and the local
 * agent need of it into their own volumes, so that neither of them sees the directory itself.
 */

/** Redis' user in docker-compose.yml. */
const REDIS_UID = 999;

const access = await ensureState(STATE_DIR, environment).catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});
const stateText = (name: string) => readFile(join(STATE_DIR, name), "utf8");

const redis = await redisReach(STATE_DIR);
if (redis !== null) {
  await put(REDIS_DIR, "redis.conf", redisConf(), REDIS_UID);
  await put(REDIS_DIR, "users.acl", usersAcl(redis.passwords, redis.fleets), REDIS_UID);
  await chown(REDIS_DIR, REDIS_UID, REDIS_UID);
}
await put(AGENT_DIR, "host.secret", await stateText(STATE_FILE.agentLocal), 0);
console.log(`State of fleet ${access.fleet} is complete.`);

async function put(dir: string, name: string, text: string, uid: number): Promise<void> {
  const path = join(dir, name);
  await writeFile(path, text, { mode: 0o600 });
  await chown(path, uid, uid);
}
