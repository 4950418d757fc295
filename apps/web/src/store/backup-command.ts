import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { systemClock } from "@chela/shared/clock/system-clock";
import { backUp } from "./backup.ts";
import { restore } from "./restore.ts";

/**
 * `node backup-command.ts backup --store FILE --to FILE`, while the console runs;
 * `node backup-command.ts restore --store FILE --from FILE`, while it does not. Prints JSON.
 */
try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { store: { type: "string" }, to: { type: "string" }, from: { type: "string" } },
  });
  const { store, to, from } = values;
  const nowMs = systemClock.wallMs();
  if (positionals[0] === "backup" && store !== undefined && to !== undefined) {
    const { version } = JSON.parse(
      readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
    ) as { version: string };
    console.log(JSON.stringify(await backUp({ store, to, version, nowMs })));
  } else if (positionals[0] === "restore" && store !== undefined && from !== undefined) {
    console.log(JSON.stringify(await restore({ store, from, nowMs })));
  } else {
    throw new Error(
      "Say which: backup --store <state directory>/console.sqlite --to <file>, or restore --store … --from <file>.",
    );
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
