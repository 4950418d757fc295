import { type Kysely, sql } from "kysely";
import type { Tables } from "./tables.ts";

/** Forward only: append, never edit. The file's `user_version` says how many have been applied. */
const MIGRATIONS: readonly (readonly string[])[] = [
  [
    `CREATE TABLE fleets (name TEXT PRIMARY KEY, spec TEXT NOT NULL, created_at INTEGER NOT NULL)`,
    `CREATE TABLE hosts (
      fleet TEXT NOT NULL, name TEXT NOT NULL, region TEXT, place TEXT NOT NULL, secret_hash TEXT NOT NULL,
      cordoned INTEGER NOT NULL, joined_at INTEGER NOT NULL, revoked_at INTEGER, PRIMARY KEY (fleet, name))`,
    `CREATE TABLE join_tokens (
      hash TEXT PRIMARY KEY, fleet TEXT NOT NULL, host TEXT NOT NULL, region TEXT, created_by TEXT NOT NULL,
      expires_at INTEGER NOT NULL, used_at INTEGER)`,
    `CREATE TABLE releases (
      fleet TEXT NOT NULL, number INTEGER NOT NULL, image TEXT NOT NULL, image_id TEXT NOT NULL,
      config TEXT NOT NULL, config_hash TEXT NOT NULL, created_at INTEGER NOT NULL, PRIMARY KEY (fleet, number))`,
    `CREATE TABLE operations (
      id TEXT PRIMARY KEY, fleet TEXT NOT NULL, kind TEXT NOT NULL, title TEXT NOT NULL, machine TEXT NOT NULL,
      state TEXT NOT NULL, version INTEGER NOT NULL, requested_by TEXT NOT NULL, reason TEXT,
      idempotency_key TEXT, started_at INTEGER NOT NULL, ended_at INTEGER)`,
    // One operation per fleet at a time, held by the store itself.
    `CREATE UNIQUE INDEX operations_open ON operations (fleet) WHERE ended_at IS NULL`,
    `CREATE UNIQUE INDEX operations_idempotency ON operations (fleet, idempotency_key)
      WHERE idempotency_key IS NOT NULL`,
    `CREATE INDEX operations_started ON operations (started_at)`,
    `CREATE TABLE audit (
      id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, actor TEXT NOT NULL, source TEXT,
      action TEXT NOT NULL, fleet TEXT, subject TEXT, outcome TEXT NOT NULL, detail TEXT)`,
    `CREATE TABLE events (id TEXT PRIMARY KEY, fleet TEXT NOT NULL, at INTEGER NOT NULL, event TEXT NOT NULL)`,
    `CREATE INDEX events_at ON events (fleet, at)`,
    `CREATE TABLE dedupe_minutes (
      fleet TEXT NOT NULL, minute INTEGER NOT NULL, channel TEXT NOT NULL, accepted INTEGER NOT NULL,
      duplicates INTEGER NOT NULL, PRIMARY KEY (fleet, minute, channel)) WITHOUT ROWID`,
    `CREATE TABLE figure_minutes (
      fleet TEXT NOT NULL, minute INTEGER NOT NULL, point TEXT NOT NULL, PRIMARY KEY (fleet, minute)) WITHOUT ROWID`,
    `CREATE TABLE controller_lease (name TEXT PRIMARY KEY, holder TEXT NOT NULL, epoch INTEGER NOT NULL)`,
  ],
];

/** Applies what is missing, each step whole or not at all. */
export async function migrate(database: Kysely<Tables>): Promise<void> {
  const { rows } = await sql<{ user_version: number }>`PRAGMA user_version`.execute(database);
  const applied = rows[0]?.user_version ?? 0;
  if (applied > MIGRATIONS.length) {
    throw new Error(
      `The store was written by a newer console (layout ${applied}, this one knows ${MIGRATIONS.length}). Start the newer version.`,
    );
  }
  for (let step = applied; step < MIGRATIONS.length; step++) {
    await database.transaction().execute(async (transaction) => {
      for (const statement of MIGRATIONS[step]!) await sql.raw(statement).execute(transaction);
      await sql.raw(`PRAGMA user_version = ${step + 1}`).execute(transaction);
    });
  }
}
