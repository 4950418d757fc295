import type { HoldingsSeen } from "@chela/shared/failover/observed";
import { holdActing } from "./controller-lease.ts";
import type { Database } from "./sqlite.ts";

/** Who was last seen to hold what, so that a failover is noticed that happened while no console looked. */
export class HoldingsStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async read(fleet: string): Promise<HoldingsSeen | null> {
    const row = await this.#database
      .selectFrom("holdings")
      .select("seen")
      .where("fleet", "=", fleet)
      .executeTakeFirst();
    return row === undefined ? null : (JSON.parse(row.seen) as HoldingsSeen);
  }

  /** Nothing where another console acts: that one writes. */
  async write(fleet: string, seen: HoldingsSeen, epoch: number): Promise<void> {
    await this.#database.transaction().execute(async (transaction) => {
      if (!(await holdActing(transaction, epoch))) return;
      const text = JSON.stringify(seen);
      await transaction
        .insertInto("holdings")
        .values({ fleet, seen: text })
        .onConflict((conflict) => conflict.column("fleet").doUpdateSet({ seen: text }))
        .execute();
    });
  }
}
