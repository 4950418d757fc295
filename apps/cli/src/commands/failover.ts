import type { FleetView } from "@chela/shared/fleet/view";
import type { Command } from "commander";
import type { Run } from "./command.ts";

export function addFailover(program: Command, run: Run): void {
  const failover = program
    .command("failover")
    .description("automatic failover: hold it for maintenance, let it go on");
  failover
    .command("pause")
    .description("no shard moves to another gateway by itself until it is resumed")
    .option("--reason <text>", "for the record, and for whoever sees it paused")
    .option("-y, --yes", "do not ask")
    .action(
      run(async (here, { reason, yes }: { reason?: string; yes?: true }) => {
        const fleet = await here.fleet();
        await here.confirm(
          `Pause automatic failover of ${fleet}? A gateway that dies meanwhile is not taken over from.`,
          yes ?? false,
        );
        await here.api.command("failover.pause", { fleet, reason });
        here.show({ fleet, paused: true }, () => [
          `Automatic failover of ${fleet} is paused; \`failover resume\` ends it.`,
        ]);
      }),
    );
  failover
    .command("resume")
    .description("end the pause")
    .action(
      run(async (here) => {
        const fleet = await here.fleet();
        await here.api.command("failover.resume", { fleet });
        here.show({ fleet, paused: false }, () => [`Automatic failover of ${fleet} works again.`]);
      }),
    );
  failover
    .command("acknowledge")
    .description(
      "let shards move again after repeated moves away from a live gateway were held back",
    )
    .action(
      run(async (here) => {
        const fleet = await here.fleet();
        const { flapping } = await here.api.query<FleetView>("fleets.get", { fleet });
        await here.api.command("failover.acknowledge", { fleet });
        here.show({ fleet, acknowledged: true }, () => [
          flapping === null
            ? `Nothing was held back in ${fleet}.`
            : `Shards of ${fleet} may move again.`,
        ]);
      }),
    );
}
