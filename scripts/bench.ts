import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "./config.ts";
import { attempt } from "./run/command.ts";
import { Problem } from "./run/problem.ts";
import { main } from "./run/steps.ts";

/** The longest, a soak of five minutes among the others, with room for a slow machine. */
const TIMEOUT_MS = 30 * 60_000;

/** Runs bench/<name>.ts with whatever follows its name, or all of them; each prints its own table and JSON line. */
await main("bin/bench", async () => {
  const folder = join(root, "bench");
  const known = (existsSync(folder) ? readdirSync(folder) : [])
    .filter((file) => file.endsWith(".ts"))
    .map((file) => file.slice(0, -".ts".length));
  const [wanted, ...rest] = process.argv.slice(2);
  if (wanted !== undefined && !known.includes(wanted)) {
    throw new Problem(
      `Unknown benchmark ${wanted}.`,
      `Usage: bin/bench [${known.join("|")}] [measure …] [--soak]`,
    );
  }
  for (const name of wanted === undefined ? known : [wanted]) {
    const { status } = await attempt("node", [join("bench", `${name}.ts`), ...rest], {
      cwd: root,
      show: true,
      timeoutMs: TIMEOUT_MS,
    });
    if (status !== 0) process.exitCode = 1;
  }
});
