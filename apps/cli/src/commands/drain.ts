import type { HostDrainPreview } from "@chela/shared/fleet/view";
import { type Command, Option } from "commander";
import { mustPass } from "../text/checks.ts";
import { drainLines } from "../text/plans.ts";
import type { Run } from "./command.ts";
import { start } from "./operation.ts";

interface Options {
  moveTo?: "others" | "none";
  reason?: string;
  yes?: true;
  dryRun?: true;
  detach?: true;
}

/** Everything leaves a host: its gateways hand over, then they are moved or stopped. */
export function addDrain(hosts: Command, run: Run): void {
  hosts
    .command("drain")
    .description("cordon it and bring its gateways elsewhere: checks first, asks, then live")
    .argument("<host>")
    .addOption(
      new Option("--move-to <where>", "its gateways go on on other hosts, or are stopped").choices([
        "others",
        "none",
      ]),
    )
    .option("--reason <text>", "for the record")
    .option("-y, --yes", "do not ask")
    .option("--dry-run", "show what would happen only; ends with 3 where a check fails")
    .option("--detach", "start it and leave it to itself")
    .action(
      run(async (here, host: string, { moveTo, reason, yes, dryRun, detach }: Options) => {
        const target = { fleet: await here.fleet(), host, moveTo };
        const preview = await here.api.query<HostDrainPreview>("hosts.previewDrain", target);
        if (dryRun || !here.json)
          here.show(preview, () => drainLines(preview, here.terminal.style));
        mustPass(preview.checks);
        if (dryRun) return;
        await here.confirm(`Drain ${host}?`, yes ?? false);
        const input = { ...target, planHash: preview.planHash, reason };
        return start(here, "hosts.drain", input, detach);
      }),
    );
}
