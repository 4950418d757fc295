import type { Database } from "./sqlite.ts";

/**
 * Becomes the controller: from now on writes under an earlier epoch are refused, so that a console which was paused
 * and wakes up cannot go on where another one took over.
 * @returns the epoch of this start.
 */
export async function takeControllerLease(database: Database, holder: string): Promise<number> {
  const { epoch } = await database
    .insertInto("controller_lease")
    .values({ name: "controller", holder, epoch: 1 })
    .onConflict((conflict) =>
      conflict
        .column("name")
        .doUpdateSet((update) => ({ holder, epoch: update("controller_lease.epoch", "+", 1) })),
    )
    .returning("epoch")
    .executeTakeFirstOrThrow();
  return epoch;
}
