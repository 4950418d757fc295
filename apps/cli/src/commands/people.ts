import type { NewToken, TokenView, UserView } from "@chela/shared/access/view";
import type { Page } from "@chela/shared/fleet/view";
import { type Command, Option } from "commander";
import { ago } from "../terminal/duration.ts";
import { onOneLine } from "../terminal/printable.ts";
import { table } from "../terminal/table.ts";
import { count, type Run } from "./command.ts";
import { pageLines } from "./page.ts";

const ROLES = ["viewer", "operator", "admin"] as const;

export function addPeople(program: Command, run: Run): void {
  const users = program.command("users").description("who can sign in");
  users
    .command("list", { isDefault: true })
    .description("with their roles; needs an administrator of every fleet")
    .action(
      run(async (here) => {
        const page = await here.api.query<Page<UserView>>("users.list");
        const nowMs = here.clock.wallMs();
        const lines = () =>
          table(
            page.items,
            [
              { title: "E-MAIL", of: ({ email }) => onOneLine(email) },
              { title: "NAME", of: ({ name }) => onOneLine(name) },
              {
                title: "ROLES",
                of: ({ roles }) =>
                  Object.entries(roles)
                    .map(([fleet, role]) => (fleet === "*" ? role : `${role} in ${fleet}`))
                    .join(", "),
              },
              { title: "TWO-FACTOR", of: ({ twoFactor }) => (twoFactor ? "on" : "off") },
              { title: "LOGINS", of: ({ logins }) => String(logins), right: true },
              { title: "LAST SEEN", of: ({ lastSeenAt }) => ago(lastSeenAt, nowMs), right: true },
            ],
            here.terminal.style,
          );
        here.show(page, () => pageLines(page, lines()));
      }),
    );

  const tokens = program.command("tokens").description("API tokens: one for each program");
  tokens
    .command("list", { isDefault: true })
    .description("one's own; with the token of access.json everybody's")
    .action(
      run(async (here) => {
        const page = await here.api.query<Page<TokenView>>("tokens.list");
        const nowMs = here.clock.wallMs();
        const lines = () =>
          table(
            page.items,
            [
              { title: "TOKEN", of: ({ id }) => id },
              { title: "NAME", of: ({ name }) => onOneLine(name) },
              { title: "ROLE", of: ({ role }) => role },
              { title: "FLEET", of: ({ fleet }) => (fleet === "*" ? "every" : fleet) },
              { title: "OWNER", of: ({ owner }) => onOneLine(owner ?? "access.json") },
              { title: "EXPIRES", of: ({ expiresAt }) => expiresAt ?? "never" },
              { title: "LAST USED", of: ({ lastUsedAt }) => ago(lastUsedAt, nowMs), right: true },
            ],
            here.terminal.style,
          );
        here.show(page, () => pageLines(page, lines()));
      }),
    );
  tokens
    .command("create")
    .description("make one; prints it, once, and nothing else. All fleets unless --fleet names one")
    .argument("<name>", "the program it is for")
    .addOption(new Option("--role <role>").choices(ROLES).makeOptionMandatory())
    .option("--days <count>", "until it expires; never if none is said", count)
    .action(
      run(async (here, name: string, { role, days }: { role: string; days?: number }) => {
        const input = { name, role, days: days ?? null, fleet: here.namedFleet };
        const token = await here.api.command<NewToken>("tokens.create", input);
        here.show(token, () => [token.token]);
      }),
    );
  tokens
    .command("revoke")
    .description("counts from its next request on")
    .argument("<token>", "its id, as the list names it")
    .action(
      run(async (here, tokenId: string) => {
        await here.api.command("tokens.revoke", { tokenId });
        here.show({ tokenId, revoked: true }, () => [`${tokenId} is revoked.`]);
      }),
    );
}
