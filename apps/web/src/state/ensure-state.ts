import { randomBytes, randomUUID } from "node:crypto";
import {
  chmod,
  chown,
  link,
  mkdir,
  readdir,
  readFile,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { type Access, accessSchema } from "./access.ts";
import { initialGatewayConfig, initialSecrets } from "./initial-files.ts";
import { type RedisAccess, redisAccessSchema, redisUrlFor } from "./redis-access.ts";
import { parseStateSettings } from "./settings.ts";

/** Names of the files in the state directory. */
export const STATE_FILE = {
  access: "access.json",
  gatewayConfig: "gateway.json",
  secrets: "secrets.env",
  redis: "redis.json",
  agentLocal: "agent-local.secret",
  console: "console.secret",
  consoleId: "console.id",
  certificate: "tls/edge.crt",
  certificateKey: "tls/edge.key",
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
  await mkdir(join(dir, "tls"), { recursive: true, mode: 0o700 });
  const own = await ownerOf(dir);
  await own(join(dir, "tls"));
  const once = (name: string, text: () => string) => writeOnce(join(dir, name), text, own);

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
  await once(STATE_FILE.secrets, () => initialSecrets(access, settings.assistant, env));
  await once(STATE_FILE.gatewayConfig, () => initialGatewayConfig(settings.assistant));
  await once(STATE_FILE.agentLocal, () => token());
  await once(STATE_FILE.console, () => token());
  await once(STATE_FILE.consoleId, () => randomUUID());
  return access;
}

/** Answers what stands in the file afterwards. A link is atomic and fails where the name is taken: the first one wins. */
async function writeOnce(
  path: string,
  text: () => string,
  own: (path: string) => Promise<void>,
): Promise<string> {
  const present = await readFile(path, "utf8").catch(ignoreMissing);
  if (present !== undefined) return present;
  const draft = `${path}.${randomUUID()}`;
  try {
    await writeFile(draft, text(), { mode: 0o600, flag: "wx" });
    await own(draft);
    await link(draft, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
  } finally {
    await rm(draft, { force: true });
  }
  return readFile(path, "utf8");
}

/** Root (a container) writes for whoever owns the directory: the person who started the fleet must read it. */
async function ownerOf(dir: string): Promise<(path: string) => Promise<void>> {
  const { uid, gid } = await stat(dir);
  return async (path) => {
    if (process.getuid?.() === 0) await chown(path, uid, gid);
  };
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}

/** Letters and digits of base64url: needs no escaping in a URL, a shell or an .env file. */
const token = (bytes = 32) => randomBytes(bytes).toString("base64url");
const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
