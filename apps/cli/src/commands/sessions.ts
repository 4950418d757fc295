import type { Page, SessionDetail, SessionSummary } from "@chela/shared/fleet/view";
import type { Command } from "commander";
import { ago } from "../terminal/duration.ts";
import { onOneLine, printable } from "../terminal/printable.ts";
import { table } from "../terminal/table.ts";
import { count, type Run } from "./command.ts";
import { pageLines } from "./page.ts";

interface ListOptions {
  query?: string;
  channel?: string;
  gateway?: string;
  limit: number;
  cursor?: string;
}

export function addSessions(program: Command, run: Run): void {
  const sessions = program.command("sessions").description("conversations, and what was said");
  sessions
    .command("list")
    .description("latest first")
    .option("--query <text>", "whose key holds this")
    .option("--channel <channel>", "only of one channel")
    .option("--gateway <gateway>", "only those that it handled last")
    .option("--limit <count>", "how many", count, 50)
    .option("--cursor <cursor>", "the page after")
    .action(
      run(async (here, options: ListOptions) => {
        const page = await here.api.query<Page<SessionSummary>>("sessions.list", {
          fleet: await here.fleet(),
          ...options,
        });
        const nowMs = here.clock.wallMs();
        const lines = () =>
          table(
            page.items,
            [
              { title: "SESSION", of: ({ session }) => onOneLine(session) },
              { title: "SHARD", of: ({ shard }) => String(shard), right: true },
              { title: "GATEWAY", of: ({ gateway }) => gateway },
              { title: "MESSAGES", of: ({ messages }) => String(messages), right: true },
              { title: "LAST", of: ({ lastAt }) => ago(lastAt, nowMs), right: true },
            ],
            here.terminal.style,
          );
        here.show(page, () => pageLines(page, lines()));
      }),
    );
  sessions
    .command("show")
    .description("all stored messages of one, oldest first")
    .argument("<session>", "its key, e.g. telegram:42")
    .action(
      run(async (here, session: string) => {
        const detail = await here.api.query<SessionDetail>("sessions.get", {
          fleet: await here.fleet(),
          session,
        });
        const { style } = here.terminal;
        here.show(detail, () => [
          `${style("strong", onOneLine(detail.session))}  shard ${detail.shard}, ${detail.messages.length} messages`,
          ...detail.messages.flatMap(({ role, text, gateway, epoch, at }) => [
            `${style(role === "error" ? "bad" : "strong", role)}  ${style("quiet", `${at}  ${gateway}, epoch ${epoch}`)}`,
            ...printable(text)
              .split("\n")
              .map((line) => `  ${line}`),
          ]),
        ]);
      }),
    );
}
