import { Command } from "commander";
import { addAudit } from "./commands/audit.ts";
import type { Run, RunLocal } from "./commands/command.ts";
import { addDeadLetters } from "./commands/dead-letters.ts";
import { addFailover } from "./commands/failover.ts";
import { addFleets } from "./commands/fleets.ts";
import { addGateways } from "./commands/gateways.ts";
import { addHostCommands } from "./commands/host.ts";
import { addHosts } from "./commands/hosts.ts";
import { addLogs } from "./commands/logs.ts";
import { addOperations } from "./commands/operations.ts";
import { addPeople } from "./commands/people.ts";
import { addPromote } from "./commands/promote.ts";
import { addRollout } from "./commands/rollout.ts";
import { addSessions } from "./commands/sessions.ts";
import { addSpec } from "./commands/spec.ts";
import { addStatus } from "./commands/status.ts";

/** Given before or after the command. */
export interface GlobalOptions {
  url?: string;
  token?: string;
  fleet?: string;
  json?: true;
}

/** Every command, and what `--help` says of it. */
export function programOf(version: string, run: Run, local: RunLocal): Command {
  const program = new Command("chela")
    .description("Operates a Chela fleet over its console's control API.")
    .version(version)
    .option("--url <url>", "the console (CHELA_URL; else access.json in CHELA_STATE_DIR, .chela)")
    .option("--token <token>", "API token (CHELA_TOKEN; else access.json)")
    .option("--fleet <fleet>", "which fleet (CHELA_FLEET; else access.json)")
    .option("--json", "answers as JSON, one line each; what is watched as JSON lines")
    .configureHelp({ showGlobalOptions: true })
    .showSuggestionAfterError()
    .addHelpText(
      "after",
      `
Ends with 0 done, 1 failed, rolled back or aborted, 2 wrong command line, 3 refused by a check, the
console or you, 4 the console does not answer, 5 not allowed, 130 not watched any more (it goes on).`,
    );
  addStatus(program, run);
  addFleets(program, run);
  addPromote(program, run);
  addRollout(program, run);
  addOperations(program, run);
  addSessions(program, run);
  addGateways(program, run);
  addLogs(program, run, "what a gateway, or all of them, log");
  addHosts(program, run);
  addFailover(program, run);
  addSpec(program, run);
  addDeadLetters(program, run);
  addAudit(program, run);
  addPeople(program, run);
  addHostCommands(program, local);
  return program;
}
