import { sql, type Transaction } from "kysely";
import { beginning, recordOf, rowOf } from "./audit.ts";
import type { Tables } from "./tables.ts";

interface EarlierRow {
  at: number;
  actor: string;
  source: string | null;
  action: string;
  fleet: string | null;
  subject: string | null;
  outcome: "done" | "refused";
  detail: string | null;
}

/** Migration: records from before there was a chain are taken into it, in their order. */
export async function chainEarlierAudit(transaction: Transaction<Tables>): Promise<void> {
  const { rows } = await sql<EarlierRow>`SELECT * FROM audit_before_chain ORDER BY id`.execute(
    transaction,
  );
  const [oldest] = rows;
  // An empty chain begins with its first record.
  if (oldest === undefined) return;
  let head = beginning(
    oldest.at,
    `${rows.length} records from before there was a chain follow: until here nothing vouches for them.`,
  );
  await transaction.insertInto("audit").values(rowOf(head)).execute();
  for (const { source, at, ...entry } of rows) {
    head = recordOf({ ...entry, from: source }, head, at);
    await transaction.insertInto("audit").values(rowOf(head)).execute();
  }
}
