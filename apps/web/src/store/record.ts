import type { AuditRecord, FleetEvent } from "@chela/shared/fleet/view";
import type { Database } from "./sqlite.ts";

const EVENTS_KEPT_MS = 30 * 24 * 60 * 60_000;

/** What happened, and who did what. Entries are only ever added. */
export class RecordStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async addAudit(entry: Omit<AuditRecord, "id" | "at">, nowMs: number): Promise<void> {
    await this.#database
      .insertInto("audit")
      .values({
        at: nowMs,
        actor: entry.actor,
        source: entry.from,
        action: entry.action,
        fleet: entry.fleet,
        subject: entry.subject,
        outcome: entry.outcome,
        detail: entry.detail,
      })
      .execute();
  }

  /** Newest first. */
  async audit(filter: {
    fleet?: string | undefined;
    cursor?: string | undefined;
    limit: number;
  }): Promise<{ items: AuditRecord[]; nextCursor: string | null }> {
    let query = this.#database
      .selectFrom("audit")
      .selectAll()
      .orderBy("id", "desc")
      .limit(filter.limit + 1);
    if (filter.fleet !== undefined) query = query.where("fleet", "=", filter.fleet);
    if (filter.cursor !== undefined) query = query.where("id", "<", Number(filter.cursor));
    const rows = await query.execute();
    const items = rows.slice(0, filter.limit).map((row) => ({
      id: row.id,
      at: new Date(row.at).toISOString(),
      actor: row.actor,
      from: row.source,
      action: row.action,
      fleet: row.fleet,
      subject: row.subject,
      outcome: row.outcome,
      detail: row.detail,
    }));
    const last = items.at(-1);
    return { items, nextCursor: rows.length > filter.limit && last ? String(last.id) : null };
  }

  async addEvent(event: FleetEvent): Promise<void> {
    await this.#database
      .insertInto("events")
      .values({
        id: event.id,
        fleet: event.fleet,
        at: Date.parse(event.at),
        event: JSON.stringify(event),
      })
      .execute();
  }

  /** Newest first. */
  async events(fleet: string, limit: number): Promise<FleetEvent[]> {
    const rows = await this.#database
      .selectFrom("events")
      .select("event")
      .where("fleet", "=", fleet)
      .orderBy("at", "desc")
      .limit(limit)
      .execute();
    return rows.map(({ event }) => JSON.parse(event) as FleetEvent);
  }

  async forgetOldEvents(nowMs: number): Promise<void> {
    await this.#database
      .deleteFrom("events")
      .where("at", "<", nowMs - EVENTS_KEPT_MS)
      .execute();
  }
}
