import { availableParallelism } from "node:os";
import { Lab } from "./gateway/lab.ts";
import { accept } from "./gateway/measures/accept.ts";
import { counting } from "./gateway/measures/counting.ts";
import { duplicates } from "./gateway/measures/duplicates.ts";
import { edge } from "./gateway/measures/edge.ts";
import { soak } from "./gateway/measures/soak.ts";
import { sockets } from "./gateway/measures/sockets.ts";
import { takeover } from "./gateway/measures/takeover.ts";
import { turn } from "./gateway/measures/turn.ts";
import { heading, jsonLine, type Row, rowText } from "./gateway/report.ts";

type Measure = (open: () => Promise<Lab>, options: { soak: boolean }) => Promise<Row[]>;

const MEASURES: Record<string, Measure> = {
  accept,
  duplicates,
  edge,
  turn,
  takeover,
  counting,
  sockets,
  soak,
};

const wanted = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const options = { soak: process.argv.includes("--soak") };
const unknown = wanted.filter((name) => MEASURES[name] === undefined);
if (unknown.length > 0) {
  console.error(
    `No such measure: ${unknown.join(", ")}. There are: ${Object.keys(MEASURES).join(", ")}.`,
  );
  process.exit(1);
}

/** What runs now; ended also when the bench is broken off. */
const labs: Promise<Lab>[] = [];
let brokenOff = false;
const open = () => {
  if (brokenOff) throw new Error("Broken off.");
  const lab = Lab.open();
  labs.push(lab);
  return lab;
};
const closeAll = async () => {
  for (const lab of labs.splice(0)) await (await lab).close();
};
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    brokenOff = true;
    void closeAll().finally(() => process.exit(130));
  });
}

console.log(heading());
const rows: Row[] = [];
for (const name of wanted.length > 0 ? wanted : Object.keys(MEASURES)) {
  try {
    for (const row of await MEASURES[name]!(open, options)) {
      rows.push(row);
      console.log(rowText(row));
    }
  } catch (error) {
    // Whoever broke it off ends it, once everything is closed.
    if (brokenOff) await new Promise(() => {});
    console.error(`${name} could not be measured:`, error);
    process.exitCode = 1;
  } finally {
    await closeAll();
  }
}
console.log(jsonLine(rows, { node: process.version, cores: availableParallelism() }));
// Whatever a measure left open must not keep this from ending.
process.exit();
