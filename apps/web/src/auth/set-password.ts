import { randomBytes } from "node:crypto";
import { AuditStore } from "../store/audit.ts";
import { openSqlite } from "../store/sqlite.ts";
import { openAuth, PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN } from "./auth.ts";
import { removeTwoFactor } from "./people.ts";

export interface PasswordReset {
  /** Path of the console's store. */
  store: string;
  email: string;
  /** Undefined: one is made up. */
  password?: string | undefined;
  /** Also take the second factor off. */
  twoFactor: boolean;
}

/**
 * Sets somebody's password and signs them out everywhere. For whoever may write the console's store: it asks for no
 * other right, and works while the console runs.
 * @returns what they sign in with now.
 * @throws Error that says what to do.
 */
export async function setPassword(
  reset: PasswordReset,
  nowMs: number,
): Promise<{ email: string; password: string }> {
  const password = reset.password ?? randomBytes(15).toString("base64url");
  if (password.length < PASSWORD_CHARS_MIN || password.length > PASSWORD_CHARS_MAX) {
    throw new Error(`A password has ${PASSWORD_CHARS_MIN} to ${PASSWORD_CHARS_MAX} characters.`);
  }
  const database = await openSqlite(reset.store);
  try {
    const auth = await openAuth(database, {
      // Nothing is signed or read with it here: passwords are hashed without.
      secret: randomBytes(32).toString("base64url"),
      consoleUrl: "http://localhost",
      trustedOrigins: [],
      record: async () => {},
    });
    const { internalAdapter, password: passwords } = await auth.$context;
    const found = await internalAdapter.findUserByEmail(reset.email.toLowerCase());
    if (found === null) {
      const known = (await internalAdapter.listUsers()).map(({ email }) => email).join(", ");
      throw new Error(`There is no user ${reset.email}. There are: ${known || "none yet"}.`);
    }
    const { id, email } = found.user;
    await internalAdapter.updatePassword(id, await passwords.hash(password));
    if (reset.twoFactor) await removeTwoFactor(auth, id);
    await internalAdapter.deleteUserSessions(id);
    await new AuditStore(database).append(
      {
        actor: "the console's host",
        from: null,
        action: "users.resetPassword",
        fleet: null,
        subject: email,
        outcome: "done",
        detail: reset.twoFactor ? "With the second factor taken off" : null,
      },
      nowMs,
    );
    return { email, password };
  } finally {
    await database.destroy();
  }
}
