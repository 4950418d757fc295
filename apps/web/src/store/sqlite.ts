import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { Kysely, SqliteDialect, type SqliteStatement } from "kysely";
import { migrate } from "./migrations.ts";
import type { Tables } from "./tables.ts";

export type Database = Kysely<Tables>;

/**
 * Opens the console's own data and brings it to the newest layout.
 * @param path of the file, or `:memory:`.
 */
export async function openSqlite(path: string): Promise<Database> {
  const file = new DatabaseSync(path);
  // FULL: an operation's step is on disk before its effect is ordered.
  file.exec(
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000;",
  );
  const database = new Kysely<Tables>({
    dialect: new SqliteDialect({
      database: { close: () => file.close(), prepare: (sql) => statementOf(file, sql) },
    }),
  });
  await migrate(database);
  return database;
}

/** `node:sqlite` in the shape that Kysely's SQLite driver expects. */
function statementOf(file: DatabaseSync, sql: string): SqliteStatement {
  const statement = file.prepare(sql);
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...(parameters as SQLInputValue[])),
    run: (parameters) => statement.run(...(parameters as SQLInputValue[])),
    iterate: (parameters) => statement.iterate(...(parameters as SQLInputValue[])),
  };
}
