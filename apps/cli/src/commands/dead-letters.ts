import type { DeadLetterPage } from "@chela/shared/fleet/view";
import type { Command } from "commander";
import { usage } from "../problem.ts";
import { onOneLine } from "../terminal/printable.ts";
import { table } from "../terminal/table.ts";
import { count, type Run } from "./command.ts";
import { pageLines } from "./page.ts";

interface Redriven {
  kind: "inbox" | "outbox";
  session: string;
  entryId: string;
}

export function addDeadLetters(program: Command, run: Run): void {
  const letters = program
    .command("dead-letters")
    .description("what the gateways gave up: see it, put it back, throw it away");
  letters
    .command("list")
    .description("newest first")
    .option("--limit <count>", "how many", count, 50)
    .option("--cursor <cursor>", "the page after")
    .action(
      run(async (here, options: { limit: number; cursor?: string }) => {
        const input = { fleet: await here.fleet(), ...options };
        const page = await here.api.query<DeadLetterPage>("deadLetters.list", input);
        const lines = () =>
          table(
            page.items,
            [
              { title: "LETTER", of: ({ shard, id }) => `${shard}/${id}` },
              { title: "AT", of: ({ at }) => at },
              { title: "KIND", of: ({ kind }) => kind },
              { title: "REASON", of: ({ reason }) => reason },
              { title: "SESSION", of: ({ session }) => onOneLine(session) },
              {
                title: "DETAIL",
                of: ({ detail, preview }) => onOneLine(detail ?? preview).slice(0, 80),
              },
            ],
            here.terminal.style,
          );
        here.show(page, () => [`${page.total} in all.`, ...pageLines(page, lines())]);
      }),
    );
  letters
    .command("redrive")
    .description("put one back where it came from, to be tried anew")
    .argument("<letter>", "as the list names it: <shard>/<id>")
    .action(
      run(async (here, letter: string) => {
        const input = { fleet: await here.fleet(), ...placeOf(letter) };
        const redriven = await here.api.command<Redriven>("deadLetters.redrive", input);
        here.show(redriven, () => [
          `Back in the ${redriven.kind} of ${onOneLine(redriven.session)} as ${redriven.entryId}.`,
        ]);
      }),
    );
  letters
    .command("discard")
    .description("throw one away for good")
    .argument("<letter>", "as the list names it: <shard>/<id>")
    .option("-y, --yes", "do not ask")
    .action(
      run(async (here, letter: string, { yes }: { yes?: true }) => {
        const place = placeOf(letter);
        await here.confirm(`Throw ${letter} away for good?`, yes ?? false);
        await here.api.command("deadLetters.discard", { fleet: await here.fleet(), ...place });
        here.show({ ...place, discarded: true }, () => [`${letter} is gone.`]);
      }),
    );
}

function placeOf(letter: string): { shard: number; id: string } {
  const [, shard, id] = /^(\d+)\/(\d+-\d+)$/.exec(letter) ?? [];
  if (id === undefined)
    throw usage(`${letter} is no dead letter: the list names them <shard>/<id>.`);
  return { shard: Number(shard), id };
}
