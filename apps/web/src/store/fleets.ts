import { type FleetSpec, fleetSpecSchema } from "@chela/shared/fleet/spec";
import type { ReleaseView } from "@chela/shared/fleet/view";
import { StaleController } from "../controller/stale-controller.ts";
import { actsUnder, holdActing } from "./controller-lease.ts";
import type { Database } from "./sqlite.ts";
import type { Tables } from "./tables.ts";

export interface Release {
  fleet: string;
  number: number;
  image: string;
  imageId: string;
  /** Text of gateway.json, templates unresolved. */
  config: string;
  configHash: string;
  createdAtMs: number;
}

export const releaseView = (release: Release): ReleaseView => ({
  number: release.number,
  image: release.image,
  imageId: release.imageId,
  configHash: release.configHash,
  createdAt: new Date(release.createdAtMs).toISOString(),
});

/** What fleets shall be, and every release they ever had. */
export class FleetStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** @returns what stands afterwards: an existing spec is never replaced by a first one. */
  async ensure(first: FleetSpec, nowMs: number): Promise<FleetSpec> {
    await this.#database
      .insertInto("fleets")
      .values({ name: first.fleet, spec: JSON.stringify(first), created_at: nowMs })
      .onConflict((conflict) => conflict.column("name").doNothing())
      .execute();
    const row = await this.#database
      .selectFrom("fleets")
      .select("spec")
      .where("name", "=", first.fleet)
      .executeTakeFirstOrThrow();
    return fleetSpecSchema.parse(JSON.parse(row.spec));
  }

  /** All of them, oldest first. */
  async list(): Promise<FleetSpec[]> {
    const rows = await this.#database
      .selectFrom("fleets")
      .select("spec")
      .orderBy("created_at")
      .orderBy("name")
      .execute();
    return rows.map(({ spec }) => fleetSpecSchema.parse(JSON.parse(spec)));
  }

  /**
   * It is a fleet no more, its hosts are none and nobody can join it. Releases, operations, events and figures stay:
   * they are records. @throws StaleController where another console acts.
   */
  async remove(fleet: string, nowMs: number, epoch: number): Promise<void> {
    await this.#database.transaction().execute(async (transaction) => {
      if (!(await holdActing(transaction, epoch))) throw new StaleController("the store");
      await transaction.deleteFrom("fleets").where("name", "=", fleet).execute();
      await transaction.deleteFrom("join_tokens").where("fleet", "=", fleet).execute();
      await transaction
        .updateTable("hosts")
        .set({ revoked_at: nowMs, secret_hash: "" })
        .where("fleet", "=", fleet)
        .where("revoked_at", "is", null)
        .execute();
    });
  }

  /** @throws StaleController where another console acts. */
  async save(spec: FleetSpec, epoch: number): Promise<void> {
    const { numUpdatedRows } = await this.#database
      .updateTable("fleets")
      .set({ spec: JSON.stringify(spec) })
      .where("name", "=", spec.fleet)
      .where(actsUnder(epoch))
      .executeTakeFirst();
    if (numUpdatedRows !== 1n) throw new StaleController("the store");
  }

  /** @throws StaleController where another console acts. */
  async addRelease(release: Omit<Release, "number">, epoch: number): Promise<Release> {
    return this.#database.transaction().execute(async (transaction) => {
      if (!(await holdActing(transaction, epoch))) throw new StaleController("the store");
      const { newest } = await transaction
        .selectFrom("releases")
        .select((select) => select.fn.max("number").as("newest"))
        .where("fleet", "=", release.fleet)
        .executeTakeFirstOrThrow();
      const number = ((newest as number | null) ?? 0) + 1;
      await transaction
        .insertInto("releases")
        .values({
          fleet: release.fleet,
          number,
          image: release.image,
          image_id: release.imageId,
          config: release.config,
          config_hash: release.configHash,
          created_at: release.createdAtMs,
        })
        .execute();
      return { ...release, number };
    });
  }

  async release(fleet: string, number: number): Promise<Release | null> {
    const row = await this.#database
      .selectFrom("releases")
      .selectAll()
      .where("fleet", "=", fleet)
      .where("number", "=", number)
      .executeTakeFirst();
    return row === undefined ? null : releaseOf(row);
  }

  /** Newest first. @param before numbers below it only. */
  async releases(fleet: string, before: number | null, limit: number): Promise<Release[]> {
    const rows = await this.#database
      .selectFrom("releases")
      .selectAll()
      .where("fleet", "=", fleet)
      .where("number", "<", before ?? Number.MAX_SAFE_INTEGER)
      .orderBy("number", "desc")
      .limit(limit)
      .execute();
    return rows.map(releaseOf);
  }
}

const releaseOf = (row: Tables["releases"]): Release => ({
  fleet: row.fleet,
  number: row.number,
  image: row.image,
  imageId: row.image_id,
  config: row.config,
  configHash: row.config_hash,
  createdAtMs: row.created_at,
});
