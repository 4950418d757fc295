import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { Kysely, SqliteDialect, type SqliteStatement, sql } from "kysely";
import { migrate, type StoreDialect } from "./dialect.ts";
import { SQLITE_MIGRATIONS } from "./migrations.ts";
import type { Tables } from "./tables.ts";

export type Database = Kysely<Tables>;

/**
 * WAL, so that readers and a backup never wait for a write. FULL, because WAL with less syncs only at checkpoints:
 * what was answered as written would be lost with the machine's power, and an operation's step has to be on disk
 * before its effect is ordered.
 */
const SETTINGS =
  "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000;";

export const sqliteDialect: StoreDialect = {
  name: "sqlite",
  nowMs: sql<number>`CAST(unixepoch('subsec') * 1000 AS INTEGER)`,
  migrations: SQLITE_MIGRATIONS,
  async layout(database) {
    const { rows } = await sql<{ user_version: number }>`PRAGMA user_version`.execute(database);
    return rows[0]?.user_version ?? 0;
  },
  async setLayout(transaction, layout) {
    await sql.raw(`PRAGMA user_version = ${layout}`).execute(transaction);
  },
};

/**
 * Opens the console's own data and brings it to the newest layout.
 * @param path of the file, or `:memory:`.
 */
export async function openSqlite(path: string): Promise<Database> {
  const file = new DatabaseSync(path);
  file.exec(SETTINGS);
  const database = new Kysely<Tables>({
    dialect: new SqliteDialect({
      database: { close: () => file.close(), prepare: (text) => statementOf(file, text) },
    }),
  });
  await migrate(database, sqliteDialect);
  return database;
}

/** `node:sqlite` in the shape that Kysely's SQLite driver expects. */
function statementOf(file: DatabaseSync, text: string): SqliteStatement {
  const statement = file.prepare(text);
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...(parameters as SQLInputValue[])),
    run: (parameters) => statement.run(...(parameters as SQLInputValue[])),
    iterate: (parameters) => statement.iterate(...(parameters as SQLInputValue[])),
  };
}
