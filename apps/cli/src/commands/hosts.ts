import type { HostView, JoinToken, Page } from "@chela/shared/fleet/view";
import type { Command } from "commander";
import { hostLines } from "../text/status.ts";
import { type Run, verbOf } from "./command.ts";
import { addDrain } from "./drain.ts";
import { pageLines } from "./page.ts";

export function addHosts(program: Command, run: Run): void {
  const hosts = program.command("hosts").description("the machines of a fleet");
  hosts
    .command("list")
    .description("with their agents, what they run and how they fare")
    .action(
      run(async (here) => {
        const page = await here.api.query<Page<HostView>>("hosts.list", {
          fleet: await here.fleet(),
        });
        here.show(page, () =>
          pageLines(page, hostLines(page.items, here.terminal.style, here.clock.wallMs())),
        );
      }),
    );
  hosts
    .command("join-token")
    .description("a single-use command with which a host joins; prints it and nothing else")
    .argument("<host>", "name of the new host")
    .option("--region <region>", "where it stands")
    .action(
      run(async (here, host: string, { region }: { region?: string }) => {
        const input = { fleet: await here.fleet(), host, region };
        const token = await here.api.command<JoinToken>("hosts.createJoinToken", input);
        here.show(token, () => [token.command]);
        if (here.json) return;
        for (const warning of token.warnings) here.terminal.note(`! ${warning}`);
        here.terminal.note(`Run it on ${host}; it is good once, until ${token.expiresAt}.`);
      }),
    );
  const cordoning = (procedure: string, description: string) =>
    hosts
      .command(verbOf(procedure))
      .description(description)
      .argument("<host>")
      .action(
        run(async (here, host: string) => {
          const input = { fleet: await here.fleet(), host };
          const view = await here.api.command<HostView>(procedure, input);
          here.show(view, () => hostLines([view], here.terminal.style, here.clock.wallMs()));
        }),
      );
  cordoning("hosts.cordon", "place no new gateway there");
  cordoning("hosts.uncordon", "let gateways be placed there again");
  addDrain(hosts, run);
  hosts
    .command("revoke")
    .description("take a host out of the fleet: its agent is cut off at once")
    .argument("<host>")
    .option("-y, --yes", "do not ask")
    .action(
      run(async (here, host: string, { yes }: { yes?: true }) => {
        await here.confirm(
          `Take ${host} out of the fleet? Its agent is cut off at once.`,
          yes ?? false,
        );
        await here.api.command("hosts.revoke", { fleet: await here.fleet(), host });
        here.show({ host, revoked: true }, () => [`${host} is out of the fleet.`]);
      }),
    );
}
