import type { FigurePoint } from "@chela/shared/fleet/view";
import type { Database } from "./sqlite.ts";

const KEPT_MINUTES = 31 * 24 * 60;

export interface DedupeMinute {
  minute: number;
  channel: string;
  accepted: number;
  duplicates: number;
}

/** One row a minute: what is left of figures once they are old. */
export class FigureStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** A minute that is written again (because it was not over) replaces itself. */
  async putDedupe(fleet: string, minutes: readonly DedupeMinute[]): Promise<void> {
    for (const { minute, channel, accepted, duplicates } of minutes) {
      await this.#database
        .insertInto("dedupe_minutes")
        .values({ fleet, minute, channel, accepted, duplicates })
        .onConflict((conflict) =>
          conflict.columns(["fleet", "minute", "channel"]).doUpdateSet({ accepted, duplicates }),
        )
        .execute();
    }
  }

  /** Sums by channel over minutes `from` ≤ m < `until`. */
  async dedupe(
    fleet: string,
    from: number,
    until: number,
  ): Promise<{ channel: string; accepted: number; duplicates: number }[]> {
    const rows = await this.#database
      .selectFrom("dedupe_minutes")
      .select((select) => [
        "channel",
        select.fn.sum<number>("accepted").as("accepted"),
        select.fn.sum<number>("duplicates").as("duplicates"),
      ])
      .where("fleet", "=", fleet)
      .where("minute", ">=", from)
      .where("minute", "<", until)
      .groupBy("channel")
      .orderBy("channel")
      .execute();
    return rows.map((row) => ({
      channel: row.channel,
      accepted: Number(row.accepted),
      duplicates: Number(row.duplicates),
    }));
  }

  async putPoint(fleet: string, minute: number, point: FigurePoint): Promise<void> {
    const text = JSON.stringify(point);
    await this.#database
      .insertInto("figure_minutes")
      .values({ fleet, minute, point: text })
      .onConflict((conflict) => conflict.columns(["fleet", "minute"]).doUpdateSet({ point: text }))
      .execute();
  }

  async points(fleet: string, from: number): Promise<FigurePoint[]> {
    const rows = await this.#database
      .selectFrom("figure_minutes")
      .select("point")
      .where("fleet", "=", fleet)
      .where("minute", ">=", from)
      .orderBy("minute")
      .execute();
    return rows.map(({ point }) => JSON.parse(point) as FigurePoint);
  }

  async forgetOld(fleet: string, minute: number): Promise<void> {
    for (const table of ["dedupe_minutes", "figure_minutes"] as const) {
      await this.#database
        .deleteFrom(table)
        .where("fleet", "=", fleet)
        .where("minute", "<", minute - KEPT_MINUTES)
        .execute();
    }
  }
}
