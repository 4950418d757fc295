import type { FleetView } from "@chela/shared/fleet/view";
import type { Command } from "commander";
import { gatewayLines } from "../text/status.ts";
import { type Run, verbOf } from "./command.ts";
import { addLogs } from "./logs.ts";
import { start } from "./operation.ts";

interface CommandOptions {
  reason?: string;
  yes?: true;
  detach?: true;
}

export function addGateways(program: Command, run: Run): void {
  const gateways = program.command("gateways").description("the gateways of a fleet");
  gateways
    .command("list")
    .description("with their roles, health and load")
    .action(
      run(async (here) => {
        const view = await here.api.query<FleetView>("fleets.get", { fleet: await here.fleet() });
        here.show({ items: view.gateways, nextCursor: null }, () =>
          gatewayLines(view.gateways, here.terminal.style),
        );
      }),
    );
  const changing = (procedure: string, description: string, what: string) =>
    gateways
      .command(verbOf(procedure))
      .description(description)
      .argument("<gateway>")
      .option("--reason <text>", "for the record")
      .option("-y, --yes", "do not ask")
      .option("--detach", "start it and leave it to itself")
      .action(
        run(async (here, gateway: string, { reason, yes, detach }: CommandOptions) => {
          await here.confirm(`${what} ${gateway}?`, yes ?? false);
          const input = { fleet: await here.fleet(), gateway, reason };
          return start(here, procedure, input, detach);
        }),
      );
  changing("gateways.restart", "drain it, restart it, take it back", "Restart");
  changing("gateways.drain", "hand its sessions over and keep it from taking new ones", "Drain");
  changing("gateways.undrain", "let a drained one take sessions again", "Undrain");
  addLogs(gateways, run, "what a gateway logs");
}
