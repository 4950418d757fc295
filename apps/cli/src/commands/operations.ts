import type { OperationView, Page } from "@chela/shared/fleet/view";
import type { Command } from "commander";
import { operationLines, operationTable } from "../text/operation.ts";
import { watch } from "../watch/watch.ts";
import { count, type Run } from "./command.ts";
import { steer, underWay } from "./operation.ts";
import { pageLines } from "./page.ts";

export function addOperations(program: Command, run: Run): void {
  const operations = program
    .command("operations")
    .description("what was set going, by whom, and how it ended");
  operations
    .command("list")
    .description("newest first")
    .option("--kind <kind>", "only of one kind, e.g. rollout")
    .option("--limit <count>", "how many", count, 20)
    .option("--cursor <cursor>", "the page after")
    .action(
      run(async (here, options: { kind?: string; limit: number; cursor?: string }) => {
        const page = await here.api.query<Page<OperationView>>("operations.list", {
          fleet: await here.fleet(),
          ...options,
        });
        here.show(page, () => pageLines(page, operationTable(page.items, here.terminal.style)));
      }),
    );
  operations
    .command("show")
    .description("one, with its steps")
    .argument("[operation]", "the one that is under way if none is said")
    .action(
      run(async (here, operation: string | undefined) => {
        const operationId = await underWay(here, operation);
        const view = await here.api.query<OperationView>("operations.get", { operationId });
        here.show(view, () => operationLines(view, here.terminal.style));
      }),
    );
  operations
    .command("watch")
    .description("follow one to its end; Ctrl-C leaves it running")
    .argument("[operation]", "the one that is under way if none is said")
    .action(
      run(async (here, operation: string | undefined) =>
        watch(here, await underWay(here, operation)),
      ),
    );
  operations
    .command("abort")
    .description("stop one; a rollout brings every changed gateway back")
    .argument("[operation]", "the one that is under way if none is said")
    .action(
      run((here, operation: string | undefined) => steer(here, "operations.abort", operation)),
    );
}
