import type { ViewerRole } from "@chela/shared/access/roles";
import type { Selectable } from "kysely";
import type { Database } from "./sqlite.ts";
import type { Tables } from "./tables.ts";

export interface ApiToken {
  id: string;
  name: string;
  role: ViewerRole;
  fleet: string;
  /** Null: made with the token of access.json. */
  ownerId: string | null;
  createdAtMs: number;
  expiresAtMs: number | null;
  lastUsedAtMs: number | null;
}

/** API tokens that were not revoked. Only hashes are kept. */
export class ApiTokenStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async add(token: ApiToken, hash: string): Promise<void> {
    await this.#database
      .insertInto("api_tokens")
      .values({
        id: token.id,
        hash,
        name: token.name,
        role: token.role,
        fleet: token.fleet,
        owner_id: token.ownerId,
        created_at: token.createdAtMs,
        expires_at: token.expiresAtMs,
        last_used_at: token.lastUsedAtMs,
      })
      .execute();
  }

  /** Valid: known, not revoked, not expired. */
  async valid(hash: string, nowMs: number): Promise<ApiToken | null> {
    const row = await this.#database
      .selectFrom("api_tokens")
      .selectAll()
      .where("hash", "=", hash)
      .where((where) =>
        where.or([where("expires_at", "is", null), where("expires_at", ">", nowMs)]),
      )
      .executeTakeFirst();
    return row === undefined ? null : tokenOf(row);
  }

  async used(id: string, nowMs: number): Promise<void> {
    await this.#database
      .updateTable("api_tokens")
      .set({ last_used_at: nowMs })
      .where("id", "=", id)
      .execute();
  }

  /** Newest first, also those whose time is over. @param ownerId undefined: everybody's. */
  async list(ownerId?: string | null): Promise<ApiToken[]> {
    let query = this.#database.selectFrom("api_tokens").selectAll().orderBy("created_at", "desc");
    if (ownerId === null) query = query.where("owner_id", "is", null);
    else if (ownerId !== undefined) query = query.where("owner_id", "=", ownerId);
    return (await query.execute()).map(tokenOf);
  }

  async remove(id: string): Promise<void> {
    await this.#database.deleteFrom("api_tokens").where("id", "=", id).execute();
  }

  async removeOf(ownerId: string): Promise<void> {
    await this.#database.deleteFrom("api_tokens").where("owner_id", "=", ownerId).execute();
  }
}

const tokenOf = (row: Selectable<Tables["api_tokens"]>): ApiToken => ({
  id: row.id,
  name: row.name,
  role: row.role,
  fleet: row.fleet,
  ownerId: row.owner_id,
  createdAtMs: row.created_at,
  expiresAtMs: row.expires_at,
  lastUsedAtMs: row.last_used_at,
});
