import { type RawBuilder, sql } from "kysely";
import type { Database } from "./sqlite.ts";

/** A controller that does not renew for so long is taken for gone; every clock of it is the store's. */
export const CONTROLLER_TTL_MS = 10_000;

const NAME = "controller";

/**
 * Which console acts: one at a time. The epoch rises with every claim and is on every write and command, so that a
 * console which was paused and wakes up is refused where another one has taken over.
 *
 * A claim's epoch is at least the time in seconds: a console whose store was lost and begun anew is above what agents
 * and Redis remember of the old one.
 */
export class ControllerLease {
  readonly #database: Database;
  readonly #holder: string;
  readonly #nowMs: RawBuilder<number>;

  /**
   * @param holder the console's id, kept in its state directory.
   * @param nowMs the store's own clock, see StoreDialect.
   */
  constructor(database: Database, holder: string, nowMs: RawBuilder<number>) {
    this.#database = database;
    this.#holder = holder;
    this.#nowMs = nowMs;
  }

  /**
   * Becomes the controller where nobody is, or the last one's lease has ended.
   * @param restarted this process has just started: its own console's lease is an earlier start's, which is no more.
   * @returns the epoch of this claim; null: another one acts.
   */
  async claim(restarted: boolean): Promise<number | null> {
    const expires = sql<number>`${this.#nowMs} + ${CONTROLLER_TTL_MS}`;
    const row = await this.#database
      .insertInto("controller_lease")
      .values({ name: NAME, holder: this.#holder, epoch: this.#firstEpoch, expires_at: expires })
      .onConflict((conflict) =>
        conflict
          .column("name")
          .doUpdateSet({
            holder: this.#holder,
            epoch: sql<number>`CASE WHEN controller_lease.epoch >= ${this.#firstEpoch}
              THEN controller_lease.epoch + 1 ELSE ${this.#firstEpoch} END`,
            expires_at: expires,
          })
          .where((where) =>
            where.or([
              where("controller_lease.expires_at", "<=", this.#nowMs),
              ...(restarted ? [where("controller_lease.holder", "=", this.#holder)] : []),
            ]),
          ),
      )
      .returning("epoch")
      .executeTakeFirst();
    return row?.epoch ?? null;
  }

  /** @returns false where another claim followed: this one acts no more. */
  async renew(epoch: number): Promise<boolean> {
    const { numUpdatedRows } = await this.#database
      .updateTable("controller_lease")
      .set({ expires_at: sql<number>`${this.#nowMs} + ${CONTROLLER_TTL_MS}` })
      .where("name", "=", NAME)
      .where("epoch", "=", epoch)
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  /** Stops acting by itself: whoever stands by need not wait for the lease's end. */
  async release(epoch: number): Promise<void> {
    await this.#database
      .updateTable("controller_lease")
      .set({ expires_at: 0 })
      .where("name", "=", NAME)
      .where("epoch", "=", epoch)
      .execute();
  }

  /** Who acts, or did last. */
  async holder(): Promise<string | null> {
    const row = await this.#database
      .selectFrom("controller_lease")
      .select("holder")
      .where("name", "=", NAME)
      .executeTakeFirst();
    return row?.holder ?? null;
  }

  get #firstEpoch() {
    return sql<number>`CAST(${this.#nowMs} / 1000 AS INTEGER)`;
  }
}

/** For a WHERE: this epoch's controller is the one that acts. */
export const actsUnder = (epoch: number) =>
  sql<boolean>`EXISTS (SELECT 1 FROM controller_lease AS acting WHERE acting.name = ${NAME} AND acting.epoch = ${epoch})`;

/**
 * First in a transaction: nobody else becomes the controller until it is over.
 * @returns false where this epoch's controller acts no more.
 */
export async function holdActing(transaction: Database, epoch: number): Promise<boolean> {
  const { numUpdatedRows } = await transaction
    .updateTable("controller_lease")
    .set({ epoch })
    .where("name", "=", NAME)
    .where("epoch", "=", epoch)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/**
 * Takes the lease from whoever has it, for a store that nobody uses just now (a copy that is restored): the next
 * console to start claims it at once.
 * @returns the epoch.
 */
export async function takeControllerLease(database: Database, holder: string): Promise<number> {
  const { epoch } = await database
    .insertInto("controller_lease")
    .values({ name: NAME, holder, epoch: 1, expires_at: 0 })
    .onConflict((conflict) =>
      conflict.column("name").doUpdateSet((update) => ({
        holder,
        epoch: update("controller_lease.epoch", "+", 1),
        expires_at: 0,
      })),
    )
    .returning("epoch")
    .executeTakeFirstOrThrow();
  return epoch;
}
