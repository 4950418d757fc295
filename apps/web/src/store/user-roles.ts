import { EVERY_FLEET, type Roles, type ViewerRole } from "@chela/shared/access/roles";
import { sql } from "kysely";
import type { Database } from "./sqlite.ts";

/** Columns of better-auth's own table that count here; it makes and migrates the table itself. */
type UserTable = { user: { id: string; role: string } };

/** The role for every fleet stands in the user's own row, those for single fleets beside it. */
export class UserRoleStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** @returns null: there is no such user. */
  async of(userId: string): Promise<Roles | null> {
    const user = await this.#users
      .selectFrom("user")
      .select("role")
      .where("id", "=", userId)
      .executeTakeFirst();
    if (user === undefined) return null;
    const rows = await this.#database
      .selectFrom("fleet_roles")
      .select(["fleet", "role"])
      .where("user_id", "=", userId)
      .orderBy("fleet")
      .execute();
    return rolesOf(user.role, rows);
  }

  /**
   * Replaces all of them. Check and change are one statement: of two administrators who take each other's role
   * away at the same time, one is refused.
   * @returns `last-admin` where nobody else could manage this console afterwards; nothing is changed then.
   */
  async put(userId: string, roles: Roles): Promise<"done" | "last-admin" | "no-such-user"> {
    const everywhere = roles[EVERY_FLEET] ?? NONE;
    return this.#database.transaction().execute(async (transaction) => {
      const users = transaction.withTables<UserTable>();
      const { numUpdatedRows } = await users
        .updateTable("user")
        .set({ role: everywhere })
        .where("id", "=", userId)
        .where(everywhere === "admin" ? sql<boolean>`1 = 1` : mayLoseAdmin(userId))
        .executeTakeFirst();
      if (numUpdatedRows === 0n) {
        const there = await users
          .selectFrom("user")
          .select("id")
          .where("id", "=", userId)
          .executeTakeFirst();
        return there === undefined ? "no-such-user" : "last-admin";
      }
      await transaction.deleteFrom("fleet_roles").where("user_id", "=", userId).execute();
      const rows = Object.entries(roles)
        .filter(([fleet]) => fleet !== EVERY_FLEET)
        .map(([fleet, role]) => ({ user_id: userId, fleet, role }));
      if (rows.length > 0) await transaction.insertInto("fleet_roles").values(rows).execute();
      return "done";
    });
  }

  get #users() {
    return this.#database.withTables<UserTable>();
  }
}

const NONE = "none";

const mayLoseAdmin = (userId: string) =>
  sql<boolean>`(role <> 'admin' OR EXISTS (SELECT 1 FROM "user" AS other WHERE other.role = 'admin' AND other.id <> ${userId}))`;

function rolesOf(everywhere: string, rows: readonly { fleet: string; role: ViewerRole }[]): Roles {
  const own = Object.fromEntries(rows.map(({ fleet, role }) => [fleet, role]));
  return everywhere === "viewer" || everywhere === "operator" || everywhere === "admin"
    ? { [EVERY_FLEET]: everywhere, ...own }
    : own;
}
