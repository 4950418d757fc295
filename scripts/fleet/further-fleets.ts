import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { FLEETS_DIR } from "../../apps/web/src/state/fleet-files.ts";
import { docker } from "../machine/engine.ts";
import { type FleetContainer, fleetContainers } from "./containers.ts";

/** Names of the fleets that this console has beside its first, or once had. */
export function furtherFleets(stateDir: string): string[] {
  const folder = join(stateDir, FLEETS_DIR);
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

export const isAgentOf = (fleet: string, { name }: FleetContainer): boolean =>
  name.startsWith(`${fleet}-agent-`);

/** Their agents on this machine joined by hand and came to rest with `bin/down`: they bring the rest back themselves. */
export async function startFurtherAgents(stateDir: string): Promise<void> {
  for (const fleet of furtherFleets(stateDir)) {
    const resting = (await fleetContainers(fleet)).filter(
      (container) => isAgentOf(fleet, container) && container.state === "exited",
    );
    if (resting.length > 0) await docker(["start", ...resting.map(({ name }) => name)]);
  }
}
