import type { FleetView, LogLine } from "@chela/shared/fleet/view";
import type { Command } from "commander";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import type { Here } from "../here.ts";
import { Problem } from "../problem.ts";
import { printable } from "../terminal/printable.ts";
import { count, type Run } from "./command.ts";

interface Options {
  follow?: true;
  tail: number;
}

const AGAIN_MS = 1_000;

/** @param to the program itself, or its `gateways`. */
export function addLogs(to: Command, run: Run, description: string): void {
  to.command("logs")
    .description(description)
    .argument("[gateway]", "all of them if none is said")
    .option("-f, --follow", "go on with what comes; Ctrl-C ends it")
    .option("--tail <count>", "how many lines of what was", count, 200)
    .action(
      run(async (here, gateway: string | undefined, options: Options): Promise<ExitCode> => {
        const fleet = await here.fleet();
        const names = gateway === undefined ? await namesOf(here, fleet) : [gateway];
        const width = gateway === undefined ? Math.max(...names.map((name) => name.length)) : 0;
        try {
          await Promise.all(names.map((name) => printed(here, fleet, name, options, width)));
        } catch (error) {
          // Being told to stop is how following ends.
          if (!here.signal.aborted) throw error;
        }
        return EXIT.done;
      }),
    );
}

async function namesOf(here: Here, fleet: string): Promise<string[]> {
  const { gateways } = await here.api.query<FleetView>("fleets.get", { fleet });
  if (gateways.length > 0) return gateways.map(({ name }) => name);
  throw new Problem(EXIT.refused, "no-gateway", `There is no gateway in ${fleet}.`);
}

/** With `follow` comes back after a restart of the gateway or the console, with what is new since. */
async function printed(
  here: Here,
  fleet: string,
  gateway: string,
  { follow, tail }: Options,
  width: number,
): Promise<void> {
  let last: string | null = null;
  for (;;) {
    try {
      const input = { fleet, gateway, tail, follow: follow ?? false };
      for await (const { id, data } of here.api.listen<LogLine>("gateways.logs", input, last)) {
        last = id;
        here.terminal.line(
          here.json
            ? JSON.stringify({ gateway, ...data })
            : `${width === 0 ? "" : `${here.terminal.style("quiet", gateway.padEnd(width))}  `}${printable(data.line)}`,
        );
      }
      if (!follow) return;
    } catch (error) {
      const away = error instanceof Problem && error.exit === EXIT.unreachable;
      if (!follow || !away) throw error;
    }
    await here.clock.sleep(AGAIN_MS, here.signal);
  }
}
