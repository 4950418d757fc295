import { reportOf } from "./report.ts";
import { runSeeds } from "./run-seeds.ts";
import { live } from "./seed.ts";

/**
 * By hand, through bin/test: `--seed N` lives through one seed and prints all of it; `--seeds N` lives through the
 * seeds 1 to N, `--seeds A-B` through A to B, on all processors. Exits 1 when a law is broken.
 */
const [flag, value = ""] = process.argv.slice(2);
const range = /^(?:(\d+)-)?(\d+)$/.exec(value);
if ((flag !== "--seed" && flag !== "--seeds") || range === null) {
  console.error("Usage: --seed N | --seeds N | --seeds A-B");
  process.exit(2);
}
const to = Number(range[2]);

if (flag === "--seed") {
  const breach = await live({ seed: to, mutation: null }, console.log);
  console.log(breach === null ? `✓ seed ${to}: every law held` : `✗ seed ${to}: ${breach}`);
  process.exitCode = breach === null ? 0 : 1;
} else {
  const from = Number(range[1] ?? 1);
  const count = to - from + 1;
  let told = 0;
  const run = await runSeeds(from, to, (done) => {
    const tenth = Math.floor((10 * done) / count);
    if (tenth > told) console.log(`  ${done} of ${count} seeds`);
    told = Math.max(told, tenth);
  });
  for (const failure of run.failures) console.log(await reportOf(failure));
  const mark = run.failures.length === 0 ? "✓" : "✗";
  console.log(
    `${mark} ${run.seeds} seeds in ${run.seconds.toFixed(1)} s: ${run.failures.length} broke a law`,
  );
  process.exitCode = run.failures.length === 0 ? 0 : 1;
}
