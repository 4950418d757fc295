import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { AuditCheck, AuditRecord } from "@chela/shared/audit/record";
import type { Page } from "@chela/shared/fleet/view";
import { type Command, Option } from "commander";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import type { Here } from "../here.ts";
import { runNode } from "../host/programs.ts";
import { Problem, usage } from "../problem.ts";
import { onOneLine } from "../terminal/printable.ts";
import type { Tone } from "../terminal/style.ts";
import { table } from "../terminal/table.ts";
import { count, type Run } from "./command.ts";
import { pageLines } from "./page.ts";

interface Filter {
  actor?: string;
  action?: string;
  outcome?: AuditRecord["outcome"];
  since?: string;
  until?: string;
  text?: string;
}
interface ExportOptions extends Filter {
  format: "jsonl" | "csv";
  out?: string;
  verify?: true;
}

const TONES: Record<AuditRecord["outcome"], Tone> = {
  done: "good",
  refused: "warning",
  failed: "bad",
};

export function addAudit(program: Command, run: Run): void {
  const audit = program.command("audit").description("who did what, and is the record unbroken");
  withFilter(audit.command("list").description("newest first"))
    .option("--limit <count>", "how many", count, 50)
    .option("--cursor <cursor>", "the page after")
    .action(
      run(async (here, options: Filter & { limit: number; cursor?: string }) => {
        const page = await here.api.query<Page<AuditRecord>>("audit.list", {
          ...options,
          fleet: here.namedFleet,
        });
        here.show(page, () => pageLines(page, recordLines(here, page.items)));
      }),
    );
  withFilter(
    audit
      .command("export")
      .description("all of it or a selection, oldest first; all fleets unless --fleet names one"),
  )
    .addOption(new Option("--format <format>").choices(["jsonl", "csv"]).default("jsonl"))
    .option("-o, --out <file>", "into a file instead of standard output")
    .option("--verify", "check the chain afterwards; needs --out and jsonl, ends with 1 if broken")
    .action(
      run(async (here, { format, out, verify, ...filter }: ExportOptions) => {
        if (verify && (out === undefined || format !== "jsonl")) {
          throw usage("--verify checks a file of JSON lines: add --out <file>.");
        }
        const input = { format, fleet: here.namedFleet, ...filter };
        await written(here, await here.api.download("/api/audit/export", input), out);
        if (verify) return verified(here, out!);
        if (out !== undefined) here.terminal.note(`Written to ${out}.`);
        return;
      }),
    );
  audit
    .command("verify")
    .description("is the record unbroken? Asks the console, or checks an exported file without it")
    .argument("[file]", "an export as JSON lines")
    .action(
      run(async (here, file: string | undefined): Promise<ExitCode> => {
        if (file !== undefined) return verified(here, file);
        const check = await here.api.query<AuditCheck>("audit.verify");
        here.show(check, () => [
          check.intact
            ? `Unbroken: ${check.records} records${check.head === null ? "" : `, the last one is ${check.head.id}:${check.head.hash}`}.`
            : `BROKEN. ${check.broken?.sentence ?? ""}`,
        ]);
        return check.intact ? EXIT.done : EXIT.failed;
      }),
    );
}

const withFilter = (command: Command): Command =>
  command
    .option("--actor <name>", "who")
    .option("--action <action>", "what, or a kind: rollouts.")
    .addOption(new Option("--outcome <outcome>").choices(["done", "refused", "failed"]))
    .option("--since <time>", "ISO 8601, e.g. 2026-11-01T00:00:00Z")
    .option("--until <time>", "ISO 8601")
    .option("--text <text>", "that holds this");

const recordLines = (here: Here, records: readonly AuditRecord[]): string[] =>
  table(
    records,
    [
      { title: "#", of: ({ id }) => String(id), right: true },
      { title: "AT", of: ({ at }) => at },
      { title: "WHO", of: ({ actor }) => onOneLine(actor) },
      { title: "FROM", of: ({ from }) => from ?? "" },
      { title: "WHAT", of: ({ action }) => action },
      { title: "TO", of: ({ subject }) => onOneLine(subject ?? "") },
      { title: "FLEET", of: ({ fleet }) => fleet ?? "" },
      {
        title: "OUTCOME",
        of: ({ outcome, code }) =>
          here.terminal.style(TONES[outcome], code === null ? outcome : `${outcome} (${code})`),
      },
      { title: "REASON", of: ({ reason }) => onOneLine(reason ?? "") },
    ],
    here.terminal.style,
  );

async function written(
  here: Here,
  body: ReadableStream<Uint8Array>,
  out: string | undefined,
): Promise<void> {
  if (out === undefined) {
    for await (const bytes of body) await here.terminal.write(bytes);
    return;
  }
  // It names who did what from where: for its owner only.
  const file = createWriteStream(out, { mode: 0o600 });
  await pipeline(Readable.fromWeb(body as never), file).catch((error: Error) => {
    throw new Problem(EXIT.failed, "not-written", `${out} is not whole: ${error.message}`);
  });
}

/** By the program that does it without a console, and without trust in one. */
async function verified(here: Here, file: string): Promise<ExitCode> {
  const { code, out, err } = await runNode("apps/web/src/audit/verify.ts", [
    file,
    ...(here.json ? ["--json"] : []),
  ]);
  if (code === 2) throw new Problem(EXIT.failed, "not-verified", err.trim());
  here.terminal.lines([out.trimEnd()]);
  return code === 0 ? EXIT.done : EXIT.failed;
}
