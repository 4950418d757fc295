import { createHash } from "node:crypto";
import { BEFORE_THE_FIRST, sealedText } from "@chela/shared/audit/chain";
import type { AuditHead, AuditRecord, AuditState } from "@chela/shared/audit/record";
import { type Selectable, sql } from "kysely";
import type { Database } from "./sqlite.ts";
import type { Tables } from "./tables.ts";

/** What is to be written down; place, time and hashes come with the writing. */
export type AuditEntry = Pick<AuditRecord, "actor" | "from" | "action" | "fleet" | "outcome"> &
  Partial<
    Pick<AuditRecord, "subject" | "reason" | "before" | "after" | "code" | "detail" | "requestId">
  >;

export interface AuditFilter {
  /** Of these only; undefined: all, also what belongs to no fleet. */
  fleets?: readonly string[] | undefined;
  actor?: string | undefined;
  /** An action, or with a dot at its end all of one kind: `rollouts.` */
  action?: string | undefined;
  outcome?: AuditRecord["outcome"] | undefined;
  /** From then on, and before then. */
  sinceMs?: number | undefined;
  untilMs?: number | undefined;
  /** Stands anywhere in what a person would read. */
  text?: string | undefined;
}

const TEXT_CHARS_MAX = 2_000;
const STATE_CHARS_MAX = 16_000;
const TRIES_MAX = 50;

/** Who did what, chained by hash. Records are only ever added: the store itself refuses to change or delete one. */
export class AuditStore {
  readonly #database: Database;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(database: Database) {
    this.#database = database;
  }

  /** On disk when it answers. Concurrent ones, of other processes too, follow one another. */
  append(entry: AuditEntry, nowMs: number): Promise<AuditRecord> {
    // One after the other within this process; against other ones the unique `previous` decides.
    const mine = this.#tail.then(() => this.#append(entry, nowMs));
    this.#tail = mine.catch(() => undefined);
    return mine;
  }

  async #append(entry: AuditEntry, nowMs: number): Promise<AuditRecord> {
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const head = await this.head();
      if (head === null) {
        await this.#insert(beginning(nowMs));
        continue;
      }
      const record = recordOf(entry, head, nowMs);
      if (await this.#insert(record)) return record;
    }
    throw new Error(
      `The audit record could not be added: ${TRIES_MAX} times another process was faster.`,
    );
  }

  /** @returns false where another record follows the same one already. */
  async #insert(record: AuditRecord): Promise<boolean> {
    const { numInsertedOrUpdatedRows } = await this.#database
      .insertInto("audit")
      .values(rowOf(record))
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    return numInsertedOrUpdatedRows === 1n;
  }

  async head(): Promise<AuditHead | null> {
    const row = await this.#database
      .selectFrom("audit")
      .select(["id", "hash"])
      .orderBy("id", "desc")
      .limit(1)
      .executeTakeFirst();
    return row ?? null;
  }

  /** Newest first. */
  async list(
    filter: AuditFilter & { cursor?: string | undefined; limit: number },
  ): Promise<{ items: AuditRecord[]; nextCursor: string | null }> {
    if (filter.fleets?.length === 0) return { items: [], nextCursor: null };
    let query = this.#selected(filter)
      .orderBy("id", "desc")
      .limit(filter.limit + 1);
    if (filter.cursor !== undefined) query = query.where("id", "<", Number(filter.cursor));
    const rows = await query.execute();
    const items = rows.slice(0, filter.limit).map(auditRecordOf);
    const last = items.at(-1);
    return { items, nextCursor: rows.length > filter.limit && last ? String(last.id) : null };
  }

  /** Oldest first, those after record `id`, for whoever reads all of them. */
  async after(id: number, limit: number, filter: AuditFilter = {}): Promise<AuditRecord[]> {
    if (filter.fleets?.length === 0) return [];
    const rows = await this.#selected(filter)
      .where("id", ">", id)
      .orderBy("id")
      .limit(limit)
      .execute();
    return rows.map(auditRecordOf);
  }

  /** Who ever did something, for a choice. */
  async actors(fleets?: readonly string[]): Promise<string[]> {
    if (fleets?.length === 0) return [];
    let query = this.#database.selectFrom("audit").select("actor").distinct().orderBy("actor");
    if (fleets !== undefined) query = query.where("fleet", "in", fleets);
    return (await query.limit(ACTORS_MAX).execute()).map(({ actor }) => actor);
  }

  #selected(filter: AuditFilter) {
    let query = this.#database.selectFrom("audit").selectAll();
    const { fleets, actor, action, outcome, sinceMs, untilMs, text } = filter;
    if (fleets !== undefined) query = query.where("fleet", "in", fleets);
    if (actor !== undefined) query = query.where("actor", "=", actor);
    if (action?.endsWith(".")) query = query.where(contains("action", action, "start"));
    else if (action !== undefined) query = query.where("action", "=", action);
    if (outcome !== undefined) query = query.where("outcome", "=", outcome);
    if (sinceMs !== undefined) query = query.where("at", ">=", sinceMs);
    if (untilMs !== undefined) query = query.where("at", "<", untilMs);
    if (text !== undefined && text !== "") {
      query = query.where(({ or }) =>
        or(READABLE.map((column) => contains(column, text, "anywhere"))),
      );
    }
    return query;
  }
}

const ACTORS_MAX = 500;
const READABLE = [
  "actor",
  "action",
  "subject",
  "reason",
  "detail",
  "code",
  "before",
  "after",
  "request_id",
] as const;

/** Latin letters count the same, large or small; of others no store's `lower` can be relied on. */
function contains(column: keyof Tables["audit"], text: string, where: "start" | "anywhere") {
  const plainText = text
    .replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
    .replaceAll(/[\\%_]/g, (sign) => `\\${sign}`);
  const pattern = where === "start" ? `${plainText}%` : `%${plainText}%`;
  return sql<boolean>`lower(${sql.ref(column)}) like ${pattern} escape '\\'`;
}

export const auditSha256 = (text: string): string =>
  createHash("sha256").update(text).digest("hex");

/** The first record of every chain. */
export const beginning = (nowMs: number, detail: string | null = null): AuditRecord =>
  recordOf(
    { actor: "Chela", from: null, action: "audit.begin", fleet: null, outcome: "done", detail },
    { id: 0, hash: BEFORE_THE_FIRST },
    nowMs,
  );

/** An entry in its place after `head`. */
export function recordOf(entry: AuditEntry, head: AuditHead, nowMs: number): AuditRecord {
  const record = {
    id: head.id + 1,
    at: new Date(nowMs).toISOString(),
    actor: plain(entry.actor),
    from: plainOrNull(entry.from),
    action: plain(entry.action),
    fleet: plainOrNull(entry.fleet),
    subject: plainOrNull(entry.subject),
    reason: plainOrNull(entry.reason),
    before: stateOf(entry.before),
    after: stateOf(entry.after),
    outcome: entry.outcome,
    code: plainOrNull(entry.code),
    detail: plainOrNull(entry.detail),
    requestId: plainOrNull(entry.requestId),
    previous: head.hash,
  };
  return { ...record, hash: auditSha256(sealedText(record)) };
}

/** Text that every store gives back as it was: no half characters, no NUL. */
const plain = (text: string): string =>
  text.slice(0, TEXT_CHARS_MAX).toWellFormed().replaceAll("\0", "\uFFFD");
const plainOrNull = (text: string | null | undefined): string | null =>
  text == null ? null : plain(text);

function stateOf(state: AuditState | null | undefined): AuditState | null {
  if (state == null) return null;
  const kept = Object.fromEntries(
    Object.entries(state).map(([name, value]) => [
      plain(name),
      typeof value === "string" ? plain(value) : value,
    ]),
  );
  return JSON.stringify(kept).length <= STATE_CHARS_MAX ? kept : { tooLong: true };
}

type Row = Selectable<Tables["audit"]>;

export const rowOf = (record: AuditRecord): Row => ({
  id: record.id,
  at: Date.parse(record.at),
  actor: record.actor,
  source: record.from,
  action: record.action,
  fleet: record.fleet,
  subject: record.subject,
  reason: record.reason,
  before: record.before && JSON.stringify(record.before),
  after: record.after && JSON.stringify(record.after),
  outcome: record.outcome,
  code: record.code,
  detail: record.detail,
  request_id: record.requestId,
  previous: record.previous,
  hash: record.hash,
});

const auditRecordOf = (row: Row): AuditRecord => ({
  id: row.id,
  at: new Date(row.at).toISOString(),
  actor: row.actor,
  from: row.source,
  action: row.action,
  fleet: row.fleet,
  subject: row.subject,
  reason: row.reason,
  before: readState(row.before),
  after: readState(row.after),
  outcome: row.outcome,
  code: row.code,
  detail: row.detail,
  requestId: row.request_id,
  previous: row.previous,
  hash: row.hash,
});

/** What somebody spoiled by hand is shown as it is, and found by the chain's check. */
function readState(text: string | null): AuditState | null {
  if (text === null) return null;
  try {
    return JSON.parse(text) as AuditState;
  } catch {
    return { unreadable: text };
  }
}
