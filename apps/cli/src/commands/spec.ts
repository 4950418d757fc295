import type { FleetApplied, FleetExport } from "@chela/shared/fleet/view";
import type { Command } from "commander";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import type { Here } from "../here.ts";
import { onOneLine } from "../terminal/printable.ts";
import type { Style } from "../terminal/style.ts";
import { watch } from "../watch/watch.ts";
import { type Run, textOf } from "./command.ts";

interface ApplyOptions {
  reason?: string;
  yes?: true;
  detach?: true;
}

export function addSpec(program: Command, run: Run): void {
  const spec = program.command("spec").description("the fleet as a YAML document");
  spec
    .command("export")
    .description("what the fleet shall be, to standard output")
    .action(
      run(async (here) => {
        const document = await here.api.query<FleetExport>("fleets.export", {
          fleet: await here.fleet(),
        });
        if (here.json) here.show(document, () => []);
        else await here.terminal.write(document.yaml);
      }),
    );
  spec
    .command("diff")
    .description("what applying a document would change; changes nothing")
    .argument("<file>", "a YAML document, - for standard input")
    .option("--exit-code", "end with 1 where something would change")
    .action(
      run(async (here, file: string, options: { exitCode?: true }): Promise<ExitCode> => {
        const { applied } = await compared(here, file);
        here.show(applied, () => differenceLines(applied, here.terminal.style));
        return options.exitCode && applied.difference.length > 0 ? EXIT.failed : EXIT.done;
      }),
    );
  spec
    .command("apply")
    .description("make the fleet what a document says: difference first, asks, then live")
    .argument("<file>", "a YAML document, - for standard input (needs --yes)")
    .option("--reason <text>", "for the record")
    .option("-y, --yes", "do not ask")
    .option("--detach", "start it and leave it to itself")
    .action(
      run(async (here, file: string, { reason, yes, detach }: ApplyOptions) => {
        const { applied, ...request } = await compared(here, file);
        if (!here.json) here.terminal.lines(differenceLines(applied, here.terminal.style));
        if (applied.difference.length === 0) {
          if (here.json) here.show(applied, () => []);
          return;
        }
        await here.confirm(`Apply it to ${request.fleet}?`, yes ?? false);
        const done = await here.api.command<FleetApplied>("fleets.apply", {
          ...request,
          reason,
          idempotencyKey: here.idempotencyKey(),
        });
        if (done.operationId !== undefined && !detach) return watch(here, done.operationId);
        here.show(done, () => [
          done.operationId === undefined
            ? "Applied."
            : `${done.operationId} is under way; \`operations watch ${done.operationId}\` follows it.`,
        ]);
      }),
    );
}

async function compared(here: Here, file: string) {
  const request = { fleet: await here.fleet(), yaml: await textOf(file) };
  const applied = await here.api.command<FleetApplied>("fleets.apply", {
    ...request,
    dryRun: true,
  });
  return { ...request, applied };
}

const MARKS = { add: ["+", "good"], remove: ["-", "bad"], change: ["~", "warning"] } as const;

function differenceLines({ difference }: FleetApplied, style: Style): string[] {
  if (difference.length === 0) return ["The fleet is what the document says."];
  return difference.map(({ path, kind, before, after, sentence }) => {
    const [mark, tone] = MARKS[kind];
    const values = [before, after].filter((value) => value !== null).join(" → ");
    return `${style(tone, mark)} ${path}: ${onOneLine(values)}  ${style("quiet", onOneLine(sentence))}`;
  });
}
