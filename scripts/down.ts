import { existsSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { STATE_FILE } from "../apps/web/src/state/ensure-state.ts";
import { environment, root } from "./config.ts";
import { type FleetContainer, fleetContainers } from "./fleet/containers.ts";
import { furtherFleets, isAgentOf } from "./fleet/further-fleets.ts";
import {
  rememberedSettings,
  SETTINGS_FILE,
  SETTINGS_HEADER,
  stateDirOf,
} from "./fleet/settings.ts";
import { asRoot } from "./machine/debian-packages.ts";
import { docker, dockerAttempt, findEngine } from "./machine/engine.ts";
import { attempt } from "./run/command.ts";
import { Problem } from "./run/problem.ts";
import { main, step } from "./run/steps.ts";

/** What is accepted is stored, so a turn that is cut short here is done again at the next start. */
const STOP_SECONDS = "5";

await main("bin/down", async () => {
  const args = process.argv.slice(2);
  const purge = args.includes("--purge");
  if (args.some((argument) => argument !== "--purge")) {
    throw new Problem(`Unknown argument ${args.join(" ")}.`, "Usage: bin/down [--purge]");
  }
  const stateDir = stateDirOf(root, environment);
  const remembered = rememberedSettings(stateDir).CHELA_NAME;
  const fleet = environment["CHELA_NAME"] || remembered || "chela";

  const further = remembered === fleet ? furtherFleets(stateDir) : [];

  if ((await findEngine()) === null) {
    console.log("No Docker engine answers here, so no container of it runs.");
  } else {
    await step(
      `Containers of fleet ${fleet}`,
      "Remove what is left with docker rm -f.",
      async () => {
        for (const other of further) await removeFurther(other, purge);
        return { said: await removeContainers(fleet), value: undefined };
      },
    );
    if (purge) {
      await step("Data volumes", "Remove what is left with docker volume rm.", async () => {
        const said = await Promise.all([fleet, ...further].map(removeVolumes));
        return { said: said.join("; "), value: undefined };
      });
    }
  }
  if (purge && (remembered === undefined || remembered === fleet)) {
    await step("State directory", `Remove it yourself: ${stateDir}`, async () => {
      return { said: await removeState(stateDir), value: undefined };
    });
  }
});

/** The agent first: it would bring gateways back. Redis last, so that the others can end in order. */
async function removeContainers(fleet: string): Promise<string> {
  const names = (await fleetContainers(fleet)).map((container) => container.name);
  const agents = names.filter((name) => name.startsWith(`${fleet}-agent-`));
  const redis = names.filter((name) => name === `${fleet}-redis`);
  const others = names.filter((name) => !agents.includes(name) && !redis.includes(name));
  for (const group of [agents, others, redis]) {
    if (group.length === 0) continue;
    await dockerAttempt(["stop", "-t", STOP_SECONDS, ...group]);
    await docker(["rm", "-f", "-v", ...group]);
  }
  const networks = await listed(["network", "ls"], fleet);
  if (networks.length > 0) await docker(["network", "rm", ...networks]);
  return names.length === 0 ? "none were there" : `${names.length} removed`;
}

/**
 * What a further fleet of this console has on this machine; it lives in the first one's network. Its agents stay where
 * they are, at rest: the token that each joined with is used up, and `bin/up` starts them again.
 */
async function removeFurther(fleet: string, purge: boolean): Promise<void> {
  const containers = await fleetContainers(fleet);
  const agents = containers.filter((container) => isAgentOf(fleet, container));
  const others = containers.filter((container) => !agents.includes(container));
  const names = (of: FleetContainer[]) => of.map(({ name }) => name);
  if (agents.length > 0) await docker(["stop", "-t", STOP_SECONDS, ...names(agents)]);
  if (others.length > 0) {
    await dockerAttempt(["stop", "-t", STOP_SECONDS, ...names(others)]);
    await docker(["rm", "-f", "-v", ...names(others)]);
  }
  if (purge && agents.length > 0) await docker(["rm", "-f", "-v", ...names(agents)]);
}

async function removeVolumes(fleet: string): Promise<string> {
  const volumes = await listed(["volume", "ls"], fleet);
  if (volumes.length > 0) await docker(["volume", "rm", ...volumes]);
  return volumes.length === 0 ? "none were there" : `${volumes.join(", ")} removed`;
}

async function listed(command: string[], fleet: string): Promise<string[]> {
  const lines = await docker([...command, "-q", "--filter", `label=chela.fleet=${fleet}`]);
  return lines.split("\n").filter((line) => line !== "");
}

/** Only a directory that a fleet's state stands in: a mistyped CHELA_STATE_DIR must not cost anything. */
async function removeState(stateDir: string): Promise<string> {
  const isState = [STATE_FILE.access, SETTINGS_FILE].some((name) =>
    existsSync(join(stateDir, name)),
  );
  if (!isState) return "none was there";
  // What a container running as root wrote, a plain user cannot remove.
  const removed = await attempt("rm", ["-rf", stateDir]);
  if (removed.status !== 0) await asRoot(["rm", "-rf", stateDir]);
  const dotenv = join(root, ".env");
  if (existsSync(dotenv)) {
    const text = readFileSync(dotenv, "utf8");
    if (text.startsWith(SETTINGS_HEADER) && text.includes(`'${stateDir}'`)) await rm(dotenv);
  }
  return `${stateDir} removed`;
}
