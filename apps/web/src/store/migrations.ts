import { chainEarlierAudit } from "./chain-earlier-audit.ts";
import type { MigrationStep } from "./dialect.ts";

/** SQLite's layout. Forward only: append, never edit. */
export const SQLITE_MIGRATIONS: readonly MigrationStep[] = [
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
  [
    `CREATE TABLE fleet_roles (
      user_id TEXT NOT NULL, fleet TEXT NOT NULL, role TEXT NOT NULL, PRIMARY KEY (user_id, fleet))`,
    `CREATE TABLE api_tokens (
      id TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, name TEXT NOT NULL, role TEXT NOT NULL, fleet TEXT NOT NULL,
      owner_id TEXT, created_at INTEGER NOT NULL, expires_at INTEGER, last_used_at INTEGER)`,
    `CREATE TABLE invitations (
      id TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, email TEXT NOT NULL UNIQUE, roles TEXT NOT NULL,
      invited_by TEXT NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL)`,
  ],
  [
    // A name of its own, not one that a rename would drag along.
    `CREATE TABLE audit_before_chain AS SELECT * FROM audit`,
    `DROP TABLE audit`,
    `CREATE TABLE audit (
      id INTEGER PRIMARY KEY, at INTEGER NOT NULL, actor TEXT NOT NULL, source TEXT, action TEXT NOT NULL, fleet TEXT,
      subject TEXT, reason TEXT, before TEXT, after TEXT, outcome TEXT NOT NULL, code TEXT, detail TEXT,
      request_id TEXT, previous TEXT NOT NULL UNIQUE, hash TEXT NOT NULL UNIQUE)`,
    `CREATE INDEX audit_at ON audit (at)`,
    chainEarlierAudit,
    `DROP TABLE audit_before_chain`,
    `CREATE TRIGGER audit_never_changed BEFORE UPDATE ON audit
      BEGIN SELECT RAISE(ABORT, 'audit records are never changed'); END`,
    `CREATE TRIGGER audit_never_deleted BEFORE DELETE ON audit
      BEGIN SELECT RAISE(ABORT, 'audit records are never deleted'); END`,
    `CREATE TABLE figure_samples (
      fleet TEXT NOT NULL, step INTEGER NOT NULL, at INTEGER NOT NULL, seen INTEGER NOT NULL,
      accepted INTEGER NOT NULL, duplicates INTEGER NOT NULL, looks INTEGER NOT NULL, sessions REAL,
      sessions_by_gateway TEXT NOT NULL, accept_p99 REAL, backlog INTEGER, PRIMARY KEY (fleet, step, at)) WITHOUT ROWID`,
    // Earlier minutes held rates: a minute of them is taken for one that was seen whole.
    `INSERT INTO figure_samples
      SELECT fleet, 60, minute * 60000, CASE WHEN point ->> 'acceptedPerSecond' IS NULL THEN 0 ELSE 60000 END,
        CAST(ROUND(COALESCE(point ->> 'acceptedPerSecond', 0) * 60) AS INTEGER),
        CAST(ROUND(COALESCE(point ->> 'duplicatesPerSecond', 0) * 60) AS INTEGER),
        CASE WHEN point ->> 'sessions' IS NULL THEN 0 ELSE 60 END, point ->> 'sessions',
        COALESCE(point -> 'sessionsByGateway', '{}'), point ->> 'acceptP99Ms', point ->> 'backlog'
      FROM figure_minutes`,
    `DROP TABLE figure_minutes`,
  ],
  [`ALTER TABLE controller_lease ADD COLUMN expires_at INTEGER NOT NULL DEFAULT 0`],
  [`CREATE TABLE holdings (fleet TEXT PRIMARY KEY, seen TEXT NOT NULL)`],
];
