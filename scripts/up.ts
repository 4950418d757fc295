import { existsSync, readFileSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Access, accessSchema } from "../apps/web/src/state/access.ts";
import { STATE_FILE } from "../apps/web/src/state/ensure-state.ts";
import { environment, root } from "./config.ts";
import { compose } from "./fleet/compose.ts";
import { fleetContainers } from "./fleet/containers.ts";
import { waitForFirstLight } from "./fleet/first-light.ts";
import { startFurtherAgents } from "./fleet/further-fleets.ts";
import { firstFree, requireFree } from "./fleet/ports.ts";
import {
  type FleetSettings,
  rememberedSettings,
  resolveSettings,
  SETTINGS_FILE,
  SETTINGS_HEADER,
  settingsText,
  stateDirOf,
} from "./fleet/settings.ts";
import { ensureImages } from "./image/images.ts";
import { ensureCompose } from "./machine/compose-plugin.ts";
import { dockerAttempt, ensureEngine } from "./machine/engine.ts";
import { Problem } from "./run/problem.ts";
import { main, seconds, step } from "./run/steps.ts";

const FIRST_LIGHT_MS = 120_000;
const started = performance.now();

await main("bin/up", async () => {
  const traffic = readArguments(process.argv.slice(2));
  const stateDir = stateDirOf(root, environment);
  const settings = resolveSettings(stateDir, environment, rememberedSettings(stateDir));

  await step("Docker", "See docs/OPERATIONS.md, Install.", async () => {
    const engine = await ensureEngine();
    const plugin = await ensureCompose();
    return { said: `engine ${engine}, compose ${plugin}`, value: undefined };
  });
  await step("Ports and settings", "Correct the setting and run it again.", async () => {
    await complete(settings);
    await remember(settings, stateDir);
    return { said: describe(settings), value: undefined };
  });
  await step(
    "Images",
    "The lines above are Docker's or the build's own; a full disk (df -h) is the usual reason.",
    async () => ({ said: await ensureImages(), value: undefined }),
  );
  await step(
    "Containers",
    `See what they say: docker logs ${settings.CHELA_NAME}-console`,
    async () => {
      await start(settings, traffic);
      await startFurtherAgents(stateDir);
      const running = (await fleetContainers(settings.CHELA_NAME!)).filter(
        (c) => c.state === "running",
      );
      return { said: `${running.length} running`, value: undefined };
    },
  );
  const access = await readAccess(stateDir);
  await step("First light", "Run bin/up again; it goes on from there.", async () => {
    const said = await waitForFirstLight(access, settings.CHELA_CONSOLE_PORT!, FIRST_LIGHT_MS);
    return { said, value: undefined };
  });
  sayHowToUse(access, stateDir);
});

function readArguments(args: readonly string[]): boolean {
  const unknown = args.find((argument) => argument !== "--traffic");
  if (unknown === undefined) return args.includes("--traffic");
  throw new Problem(
    `Unknown argument ${unknown}.`,
    "Usage: bin/up [--traffic]. Settings come by environment variables (README.md, Settings).",
  );
}

/** Chooses what nobody has chosen yet, and makes sure that the ports can be had. */
async function complete(settings: Partial<FleetSettings>): Promise<void> {
  const name = settings.CHELA_NAME!;
  const external = settings.CHELA_REDIS_REPLICAS === "0";
  settings.CHELA_REDIS_PORT ||= String(await firstFree(6379, "127.0.0.1"));
  settings.CHELA_UID = String(process.getuid?.() ?? 0);
  settings.CHELA_GID = String(process.getgid?.() ?? 0);
  const shared = settings.CHELA_BIND !== "127.0.0.1";
  settings.COMPOSE_FILE = `docker-compose.yml${shared ? ":docker/compose.bind.yml" : ""}`;
  const local = { address: "127.0.0.1" };
  await requireFree([
    {
      port: Number(settings.CHELA_EDGE_PORT),
      address: "0.0.0.0",
      variable: "CHELA_EDGE_PORT",
      purpose: "edge",
      container: `${name}-edge-1`,
    },
    {
      ...local,
      port: Number(settings.CHELA_CONSOLE_PORT),
      variable: "CHELA_CONSOLE_PORT",
      purpose: "console",
      container: `${name}-console`,
    },
    ...(external
      ? []
      : [
          {
            ...local,
            port: Number(settings.CHELA_REDIS_PORT),
            variable: "CHELA_REDIS_PORT",
            purpose: "Redis",
            container: `${name}-redis`,
          },
        ]),
  ]);
}

/**
 * Keeps the settings beside the state, and in .env for a plain `docker compose` where this is the clone's own
 * fleet. A .env that somebody else wrote stays as it is.
 */
async function remember(settings: Partial<FleetSettings>, stateDir: string): Promise<void> {
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const text = settingsText(settings);
  await writeFile(join(stateDir, SETTINGS_FILE), text, { mode: 0o600 });
  const dotenv = join(root, ".env");
  if (stateDir !== join(root, ".chela")) return;
  if (existsSync(dotenv) && !readFileSync(dotenv, "utf8").startsWith(SETTINGS_HEADER)) return;
  await writeFile(dotenv, text, { mode: 0o600 });
}

function describe(settings: Partial<FleetSettings>): string {
  const redis = settings.CHELA_REDIS_REPLICAS === "0" ? "your own" : settings.CHELA_REDIS_PORT;
  return `fleet ${settings.CHELA_NAME}: edge ${settings.CHELA_EDGE_PORT}, console ${settings.CHELA_CONSOLE_PORT}, Redis ${redis}`;
}

/**
 * Exactly `docker compose up -d`, so that one typed by hand finds nothing to change. The init container goes
 * before and after: were it there with another image or password, compose would replace it, and restart Redis
 * and all others with it.
 */
async function start(settings: Partial<FleetSettings>, traffic: boolean): Promise<void> {
  const init = ["rm", "-f", `${settings.CHELA_NAME}-init`];
  const profiles = traffic ? ["--profile", "traffic"] : [];
  await dockerAttempt(init);
  await compose(settings, [...profiles, "up", "-d", "--no-build", "--pull", "never"]);
  await dockerAttempt(init);
}

async function readAccess(stateDir: string): Promise<Access> {
  return accessSchema.parse(JSON.parse(await readFile(join(stateDir, STATE_FILE.access), "utf8")));
}

function sayHowToUse(access: Access, stateDir: string): void {
  console.log(`
Chela is up: fleet ${access.fleet}, after ${seconds(performance.now() - started)}

  Console    ${access.consoleUrl}
  Login      ${access.adminEmail}
  Password   ${access.adminPassword}
  Edge       ${access.edgeUrl}  (webhooks: POST /webhooks/generic; chat: /chat; OpenAI's API: /v1)
  Settings   ${stateDir}  (gateway.json, secrets.env, access.json)
`);
}
