import { randomBytes, randomUUID } from "node:crypto";
import { chmod, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { type Access, accessSchema } from "./access.ts";
import { FLEET_FILE, token } from "./fleet-files.ts";
import { initialGatewayConfig, initialSecrets } from "./initial-files.ts";
import { type RedisAccess, redisAccessSchema, redisUrlFor } from "./redis-access.ts";
import { parseStateSettings } from "./settings.ts";
import { onceIn } from "./write-once.ts";

/** Names of the files in the state directory, beside those of its first fleet (fleet-files.ts). */
export const STATE_FILE = {
  access: "access.json",
  redis: "redis.json",
  agentLocal: "agent-local.secret",
  console: "console.secret",
  consoleId: "console.id",
} as const;

/**
 * Writes what is missing in the state directory and never changes what is there: whatever a file says
 * already, the files written after it agree with it. Safe to run again, and by two at a time.
 * @param dir created with mode 0700; its files get 0600 and its owner.
 * @param env settings, see settings.ts; they count for missing files only.
 */
export async function ensureState(
  dir: string,
  env: Record<string, string | undefined>,
): Promise<Access> {
  const settings = parseStateSettings(env);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  // Docker may have made it for a mount, open to everybody.
  if ((await readdir(dir)).length === 0) await chmod(dir, 0o700);
  await onceIn(join(dir, "tls"), dir);
  const once = await onceIn(dir);

  const redis: RedisAccess = redisAccessSchema.parse(
    JSON.parse(
      await once(STATE_FILE.redis, () =>
        json(
          settings.redisUrl === null
            ? {
                kind: "own",
                port: settings.redisPort,
                passwords: {
                  default: token(),
                  gateway: token(),
                  agent: token(),
                  console: token(),
                },
              }
            : { kind: "external", url: settings.redisUrl },
        ),
      ),
    ),
  );
  const access = accessSchema.parse(
    JSON.parse(
      await once(STATE_FILE.access, () =>
        json({
          consoleUrl: settings.consoleUrl,
          edgeUrl: settings.edgeUrl,
          adminEmail: settings.adminEmail,
          adminPassword: settings.adminPassword ?? token(15),
          apiToken: `chela_${token()}`,
          webhookSecret: `whsec_${randomBytes(32).toString("base64")}`,
          clientToken: token(),
          redisUrl: redisUrlFor(redis, "default", { from: "machine" }),
          fleet: settings.fleet,
        } satisfies Access),
      ),
    ),
  );
  await once(FLEET_FILE.secrets, () => initialSecrets(access, settings.assistant, env));
  await once(FLEET_FILE.gatewayConfig, () => initialGatewayConfig(settings.assistant));
  await once(STATE_FILE.agentLocal, () => token());
  await once(STATE_FILE.console, () => token());
  await once(STATE_FILE.consoleId, () => randomUUID());
  return access;
}

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
