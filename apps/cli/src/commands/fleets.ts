import type { FleetView, Page } from "@chela/shared/fleet/view";
import type { Command } from "commander";
import { usage } from "../problem.ts";
import { table } from "../terminal/table.ts";
import { VERDICT_TONES } from "../text/tones.ts";
import { count, type Run } from "./command.ts";

export function addFleets(program: Command, run: Run): void {
  const fleets = program.command("fleets").description("the console's fleets");
  fleets
    .command("list", { isDefault: true })
    .description("fleets that this token may see")
    .action(
      run(async (here) => {
        const page = await here.api.query<Page<FleetView>>("fleets.list");
        const { style } = here.terminal;
        here.show(page, () =>
          table(
            page.items,
            [
              { title: "FLEET", of: ({ fleet }) => fleet },
              {
                title: "HEALTH",
                of: ({ health }) => style(VERDICT_TONES[health.verdict], health.verdict),
              },
              { title: "GATEWAYS", of: ({ gateways }) => String(gateways.length), right: true },
              { title: "SESSIONS", of: ({ sessions }) => String(sessions.total), right: true },
              { title: "", of: ({ health }) => health.sentence },
            ],
            style,
          ),
        );
      }),
    );
  fleets
    .command("create")
    .description("an empty one: hosts join it, `spec apply` or the console fill it")
    .argument("<fleet>", "its name")
    .option("--key-prefix <prefix>", "of its keys in Redis")
    .option("--shards <count>", "for its whole life", count)
    .action(
      run(async (here, fleet: string, options: { keyPrefix?: string; shards?: number }) => {
        const view = await here.api.command<FleetView>("fleets.create", { fleet, ...options });
        here.show(view, () => [
          `${view.fleet} is there; \`hosts join-token\` lets a host join it.`,
        ]);
      }),
    );
  fleets
    .command("remove")
    .description(
      "take an empty one off the console; its hosts are cut off, its data in Redis stays",
    )
    .argument("<fleet>")
    .option("--confirm <fleet>", "its name once more")
    .action(
      run(async (here, fleet: string, { confirm }: { confirm?: string }) => {
        if (confirm !== fleet) throw usage(`It needs the name once more: --confirm ${fleet}.`);
        await here.api.command("fleets.remove", { fleet, confirm });
        here.show({ fleet, removed: true }, () => [`${fleet} is off this console.`]);
      }),
    );
}
