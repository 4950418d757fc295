import type { FleetEvent } from "@chela/shared/fleet/view";
import type { Database } from "./sqlite.ts";

const EVENTS_KEPT_MS = 30 * 24 * 60 * 60_000;

/** What happened in fleets, for a month. */
export class EventStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async add(event: FleetEvent): Promise<void> {
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
  async list(fleet: string, limit: number): Promise<FleetEvent[]> {
    const rows = await this.#database
      .selectFrom("events")
      .select("event")
      .where("fleet", "=", fleet)
      .orderBy("at", "desc")
      .limit(limit)
      .execute();
    return rows.map(({ event }) => JSON.parse(event) as FleetEvent);
  }

  async forgetOld(nowMs: number): Promise<void> {
    await this.#database
      .deleteFrom("events")
      .where("at", "<", nowMs - EVENTS_KEPT_MS)
      .execute();
  }
}
