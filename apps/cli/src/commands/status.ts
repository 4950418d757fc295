import type { FleetView } from "@chela/shared/fleet/view";
import type { Command } from "commander";
import { statusLines } from "../text/status.ts";
import type { Run } from "./command.ts";

export function addStatus(program: Command, run: Run): void {
  program
    .command("status")
    .description("the fleet now: health, gateways, edges, hosts, Redis")
    .action(
      run(async (here) => {
        const view = await here.api.query<FleetView>("fleets.get", { fleet: await here.fleet() });
        here.show(view, () => statusLines(view, here.terminal.style, here.clock.wallMs()));
      }),
    );
}
