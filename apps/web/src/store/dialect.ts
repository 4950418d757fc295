import { type Kysely, type RawBuilder, sql, type Transaction } from "kysely";
import type { Tables } from "./tables.ts";

/** Statements in order; what SQL cannot say is a function. */
export type MigrationStep = readonly (
  | string
  | ((transaction: Transaction<Tables>) => Promise<void>)
)[];

/**
 * All that differs between kinds of stores. Queries are written once, in words that SQLite and PostgreSQL share:
 * `ON CONFLICT`, `RETURNING`, 0 and 1 for no and yes, milliseconds as numbers, JSON as text. A second kind of store is
 * a second one of these (with 64-bit integers read as numbers), and its name for better-auth.
 */
export interface StoreDialect {
  readonly name: "sqlite";
  /** Milliseconds since 1970 by the store's own clock, the same for every console that uses it. */
  readonly nowMs: RawBuilder<number>;
  /** Its own words for the same tables, forward only. */
  readonly migrations: readonly MigrationStep[];
  /** How many of them a store has been through. */
  layout(database: Kysely<Tables>): Promise<number>;
  setLayout(transaction: Transaction<Tables>, layout: number): Promise<void>;
}

/** Applies what is missing, each step whole or not at all. @throws Error where the store is newer than this console. */
export async function migrate(database: Kysely<Tables>, dialect: StoreDialect): Promise<void> {
  const { migrations } = dialect;
  const applied = await dialect.layout(database);
  if (applied > migrations.length) {
    throw new Error(
      `The store was written by a newer console (layout ${applied}, this one knows ${migrations.length}). Start the newer version.`,
    );
  }
  for (let layout = applied + 1; layout <= migrations.length; layout++) {
    await database.transaction().execute(async (transaction) => {
      for (const statement of migrations[layout - 1]!) {
        if (typeof statement === "string") await sql.raw(statement).execute(transaction);
        else await statement(transaction);
      }
      await dialect.setLayout(transaction, layout);
    });
  }
}
