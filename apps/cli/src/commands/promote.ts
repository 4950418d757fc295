import type { FailoverPreview } from "@chela/shared/fleet/view";
import type { Command } from "commander";
import { usage } from "../problem.ts";
import { mustPass } from "../text/checks.ts";
import { previewLines } from "../text/plans.ts";
import type { Run } from "./command.ts";
import { start } from "./operation.ts";

interface Options {
  force?: true;
  confirm?: string;
  reason?: string;
  yes?: true;
  dryRun?: true;
  detach?: true;
}

export function addPromote(program: Command, run: Run): void {
  program
    .command("promote")
    .description("make a gateway the active one: checks first, asks, then shows every step")
    .argument("<gateway>", "the one that becomes active")
    .option("--force", "fence the old active instead of asking it: for one that hangs")
    .option("--confirm <gateway>", "with --force: the gateway's name once more")
    .option("--reason <text>", "for the record")
    .option("-y, --yes", "do not ask")
    .option("--dry-run", "show checks and steps only; ends with 3 where a check fails")
    .option("--detach", "start it and leave it to itself")
    .addHelpText(
      "after",
      `
Examples:
  chela promote gw-2 --reason "kernel update on host-a"
  chela promote gw-2 --force --confirm gw-2 --yes`,
    )
    .action(
      run(async (here, gateway: string, options: Options) => {
        const kind = options.force ? "failover" : "switchover";
        if (options.force && options.confirm !== gateway && !options.dryRun) {
          throw usage(`A forced failover needs the name once more: --confirm ${gateway}.`);
        }
        const target = { fleet: await here.fleet(), gateway, kind };
        const preview = await here.api.query<FailoverPreview>("failover.preview", target);
        if (options.dryRun || !here.json) {
          here.show(preview, () => previewLines(preview, here.terminal.style));
        }
        mustPass(preview.checks);
        if (options.dryRun) return;
        await here.confirm(
          options.force ? `Force ${gateway} to take over?` : `Promote ${gateway}?`,
          options.yes ?? false,
        );
        return start(
          here,
          "failover.execute",
          {
            ...target,
            planHash: preview.planHash,
            reason: options.reason,
            confirm: options.confirm,
          },
          options.detach,
        );
      }),
    );
}
