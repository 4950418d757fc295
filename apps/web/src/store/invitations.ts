import type { Roles } from "@chela/shared/access/roles";
import type { Selectable } from "kysely";
import type { Database } from "./sqlite.ts";
import type { Tables } from "./tables.ts";

export interface Invitation {
  id: string;
  email: string;
  roles: Roles;
  invitedBy: string;
  createdAtMs: number;
  expiresAtMs: number;
}

/** Invitations that may still be used. Only hashes of their links are kept. */
export class InvitationStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** An earlier one to the same address counts no more. */
  async put(invitation: Invitation, hash: string): Promise<void> {
    await this.#database.transaction().execute(async (transaction) => {
      await transaction.deleteFrom("invitations").where("email", "=", invitation.email).execute();
      await transaction
        .insertInto("invitations")
        .values({
          id: invitation.id,
          hash,
          email: invitation.email,
          roles: JSON.stringify(invitation.roles),
          invited_by: invitation.invitedBy,
          created_at: invitation.createdAtMs,
          expires_at: invitation.expiresAtMs,
        })
        .execute();
    });
  }

  async list(nowMs: number): Promise<Invitation[]> {
    const rows = await this.#database
      .selectFrom("invitations")
      .selectAll()
      .where("expires_at", ">", nowMs)
      .orderBy("created_at", "desc")
      .execute();
    return rows.map(invitationOf);
  }

  async valid(hash: string, nowMs: number): Promise<Invitation | null> {
    const row = await this.#database
      .selectFrom("invitations")
      .selectAll()
      .where("hash", "=", hash)
      .where("expires_at", ">", nowMs)
      .executeTakeFirst();
    return row === undefined ? null : invitationOf(row);
  }

  /** Uses it up, once: of two at a time one gets null. */
  async take(hash: string, nowMs: number): Promise<Invitation | null> {
    const row = await this.#database
      .deleteFrom("invitations")
      .where("hash", "=", hash)
      .where("expires_at", ">", nowMs)
      .returningAll()
      .executeTakeFirst();
    return row === undefined ? null : invitationOf(row);
  }

  /** @returns the address it was for; null: there is no such invitation. */
  async remove(id: string): Promise<string | null> {
    const row = await this.#database
      .deleteFrom("invitations")
      .where("id", "=", id)
      .returning("email")
      .executeTakeFirst();
    return row?.email ?? null;
  }
}

const invitationOf = (row: Selectable<Tables["invitations"]>): Invitation => ({
  id: row.id,
  email: row.email,
  roles: JSON.parse(row.roles) as Roles,
  invitedBy: row.invited_by,
  createdAtMs: row.created_at,
  expiresAtMs: row.expires_at,
});
