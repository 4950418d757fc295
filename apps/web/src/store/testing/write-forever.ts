import { writeSync } from "node:fs";
import { beginSequence } from "@chela/shared/operation/sequence";
import { AuditStore } from "../audit.ts";
import { takeControllerLease } from "../controller-lease.ts";
import { FigureStore } from "../figures.ts";
import { OperationStore } from "../operations.ts";
import { openSqlite } from "../sqlite.ts";

/** Until it is killed: operations, audit records and figures, a line on stdout for each round that is on disk. */
const [path, run] = process.argv.slice(2) as [string, string];
const database = await openSqlite(path);
const audit = new AuditStore(database);
const operations = new OperationStore(database);
const figures = new FigureStore(database);
const epoch = await takeControllerLease(database, "writer");

for (let round = 0; ; round++) {
  const id = `op_${run}_${round}`;
  const begun = await operations.create(
    {
      id,
      fleet: id,
      kind: "edge-apply",
      title: "Apply",
      machine: beginSequence(
        [{ name: "verify", action: { type: "verify" } }],
        { success: "Done." },
        0,
      ),
      failover: null,
      version: 1,
      requestedBy: "writer",
      reason: null,
      idempotencyKey: null,
      startedAtMs: round,
      endedAtMs: null,
    },
    epoch,
  );
  const saved = await operations.save(begun, epoch);
  const record = await audit.append(
    { actor: "writer", from: null, action: "edges.apply", fleet: id, outcome: "done" },
    round,
  );
  await figures.put(id, {
    dedupe: [{ minute: round, channel: "generic", accepted: 1, duplicates: 0 }],
    samples: [],
  });
  writeSync(1, `${JSON.stringify({ audit: record.id, operation: id, version: saved.version })}\n`);
}
