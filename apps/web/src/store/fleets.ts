import { type FleetSpec, fleetSpecSchema } from "@chela/shared/fleet/spec";
import type { ReleaseView } from "@chela/shared/fleet/view";
import type { Database } from "./sqlite.ts";

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

  async save(spec: FleetSpec): Promise<void> {
    await this.#database
      .updateTable("fleets")
      .set({ spec: JSON.stringify(spec) })
      .where("name", "=", spec.fleet)
      .execute();
  }

  async addRelease(release: Omit<Release, "number">): Promise<Release> {
    return this.#database.transaction().execute(async (transaction) => {
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
    return row === undefined
      ? null
      : {
          fleet,
          number,
          image: row.image,
          imageId: row.image_id,
          config: row.config,
          configHash: row.config_hash,
          createdAtMs: row.created_at,
        };
  }
}
