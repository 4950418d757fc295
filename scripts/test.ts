import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CHECKS, SUITES, type Suite } from "./check/suites.ts";
import { type Tally, tallyOf } from "./check/tally.ts";
import { root } from "./config.ts";
import { ensureImages } from "./image/images.ts";
import { ensureCompose } from "./machine/compose-plugin.ts";
import { ensurePackages } from "./machine/debian-packages.ts";
import { ensureEngine } from "./machine/engine.ts";
import { attempt } from "./run/command.ts";
import { Problem } from "./run/problem.ts";
import { main, seconds, step } from "./run/steps.ts";

const SUITE_MS = 3_600_000;

await main("bin/test", async () => {
  const [wanted, ...rest] = process.argv.slice(2);
  const suites = Object.keys(SUITES) as Suite[];
  const simulation = wanted === "unit" && rest.length === 2 && /^--seeds?$/.test(rest[0]!);
  if (
    (rest.length > 0 && !simulation) ||
    (wanted !== undefined && !suites.includes(wanted as Suite))
  ) {
    throw new Problem(
      `Unknown suite ${[wanted, ...rest].join(" ")}.`,
      `Usage: bin/test [${suites.join("|")}]\n       bin/test unit --seed N: one seed of the gateways' simulation, with everything that happens in it\n       bin/test unit --seeds N or A-B: that many`,
    );
  }
  const chosen = wanted === undefined ? suites : [wanted as Suite];
  await prepare(chosen);

  const total: Tally = { passed: 0, failed: 0 };
  const add = ({ passed, failed }: Tally) => {
    total.passed += passed;
    total.failed += failed;
  };
  if (wanted === undefined) for (const check of CHECKS) add(await runCheck(check));
  if (simulation) add(await runSimulation(rest));
  else for (const suite of chosen) add(await runSuite(suite));

  process.exitCode = total.failed === 0 ? 0 : 1;
  console.log(`${total.passed} passed, ${total.failed} failed`);
});

/** What the chosen suites need on this machine. */
async function prepare(chosen: readonly Suite[]): Promise<void> {
  const packages = Object.assign({}, ...chosen.map((suite) => SUITES[suite].packages));
  await step("Programs", "Install them by hand, then run it again.", async () => {
    const installed = await ensurePackages(packages);
    return { said: installed.length === 0 ? "all there" : installed.join(", "), value: undefined };
  });
  if (!chosen.some((suite) => SUITES[suite].docker)) return;
  await step("Docker", "See docs/OPERATIONS.md, Install.", async () => {
    const engine = await ensureEngine();
    return { said: `engine ${engine}, compose ${await ensureCompose()}`, value: undefined };
  });
  await step("Images", "The lines above are Docker's or the build's own.", async () => {
    return { said: await ensureImages(), value: undefined };
  });
}

async function runCheck(check: (typeof CHECKS)[number]): Promise<Tally> {
  const started = performance.now();
  const [command, ...args] = check.command;
  const result = await attempt(command, args, { cwd: root });
  const took = seconds(performance.now() - started);
  if (result.status === 0) {
    console.log(`✓ ${check.name} (${took})`);
    return { passed: 1, failed: 0 };
  }
  console.log(`✗ ${check.name} (${took})\n${result.stdout}${result.stderr}`);
  return { passed: 0, failed: 1 };
}

/** Seeds of the gateways' simulation, by hand: apps/gateway/src/simulation/main.ts. */
async function runSimulation(seeds: readonly string[]): Promise<Tally> {
  const { status } = await attempt("node", ["apps/gateway/src/simulation/main.ts", ...seeds], {
    cwd: root,
    show: true,
    timeoutMs: SUITE_MS,
  });
  return status === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

async function runSuite(suite: Suite): Promise<Tally> {
  const place = mkdtempSync(join(tmpdir(), "chela-test-"));
  const outputFile = join(place, "report.json");
  console.log(`▸ ${suite} tests`);
  try {
    await attempt(
      "vitest",
      [
        ...["run", "--project", suite, "--passWithNoTests", "--reporter=default"],
        ...["--reporter=json", `--outputFile.json=${outputFile}`],
      ],
      { cwd: root, show: true, timeoutMs: SUITE_MS },
    );
    const report = existsSync(outputFile) ? JSON.parse(readFileSync(outputFile, "utf8")) : null;
    const tally = tallyOf(report);
    const none = tally.passed + tally.failed === 0 ? " (no test files)" : "";
    console.log(`  ${suite}: ${tally.passed} succeeded, ${tally.failed} did not${none}`);
    return tally;
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}
