import type { Selectable } from "kysely";
import type { Database } from "./sqlite.ts";
import type { Tables } from "./tables.ts";

export interface HostRecord {
  fleet: string;
  name: string;
  region: string | null;
  place: "local" | "remote";
  secretHash: string;
  cordoned: boolean;
  joinedAtMs: number;
}

/** Hosts that joined, and the tokens with which more may. Only hashes of secrets are kept. */
export class HostStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Those that were not revoked. */
  async list(fleet: string): Promise<HostRecord[]> {
    const rows = await this.#database
      .selectFrom("hosts")
      .selectAll()
      .where("fleet", "=", fleet)
      .where("revoked_at", "is", null)
      .orderBy("joined_at")
      .execute();
    return rows.map(hostOf);
  }

  /** A host that joins again gets the new secret; the old one counts no more. */
  async put(host: HostRecord): Promise<void> {
    const values = {
      fleet: host.fleet,
      name: host.name,
      region: host.region,
      place: host.place,
      secret_hash: host.secretHash,
      cordoned: host.cordoned ? (1 as const) : (0 as const),
      joined_at: host.joinedAtMs,
      revoked_at: null,
    };
    await this.#database
      .insertInto("hosts")
      .values(values)
      .onConflict((conflict) => conflict.columns(["fleet", "name"]).doUpdateSet(values))
      .execute();
  }

  async setCordoned(fleet: string, name: string, cordoned: boolean): Promise<void> {
    await this.#database
      .updateTable("hosts")
      .set({ cordoned: cordoned ? 1 : 0 })
      .where("fleet", "=", fleet)
      .where("name", "=", name)
      .execute();
  }

  async revoke(fleet: string, name: string, nowMs: number): Promise<void> {
    await this.#database
      .updateTable("hosts")
      .set({ revoked_at: nowMs, secret_hash: "" })
      .where("fleet", "=", fleet)
      .where("name", "=", name)
      .execute();
  }

  async addToken(token: {
    hash: string;
    fleet: string;
    host: string;
    region: string | null;
    createdBy: string;
    expiresAtMs: number;
  }): Promise<void> {
    await this.#database
      .insertInto("join_tokens")
      .values({
        hash: token.hash,
        fleet: token.fleet,
        host: token.host,
        region: token.region,
        created_by: token.createdBy,
        expires_at: token.expiresAtMs,
        used_at: null,
      })
      .execute();
  }

  /** Valid: known, not used, not expired. Does not use it up. */
  async validToken(hash: string, nowMs: number): Promise<{ fleet: string; host: string } | null> {
    const row = await this.#database
      .selectFrom("join_tokens")
      .select(["fleet", "host"])
      .where("hash", "=", hash)
      .where("used_at", "is", null)
      .where("expires_at", ">", nowMs)
      .executeTakeFirst();
    return row ?? null;
  }

  /** Uses a token up, once: of two at a time one gets null. */
  async takeToken(
    hash: string,
    fleet: string,
    host: string,
    nowMs: number,
  ): Promise<{ region: string | null } | null> {
    const row = await this.#database
      .updateTable("join_tokens")
      .set({ used_at: nowMs })
      .where("hash", "=", hash)
      .where("fleet", "=", fleet)
      .where("host", "=", host)
      .where("used_at", "is", null)
      .where("expires_at", ">", nowMs)
      .returning("region")
      .executeTakeFirst();
    return row ?? null;
  }
}

function hostOf(row: Selectable<Tables["hosts"]>): HostRecord {
  return {
    fleet: row.fleet,
    name: row.name,
    region: row.region,
    place: row.place,
    secretHash: row.secret_hash,
    cordoned: row.cordoned === 1,
    joinedAtMs: row.joined_at,
  };
}
