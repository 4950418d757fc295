import { type BetterAuthOptions, betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { twoFactor } from "better-auth/plugins";
import type { Database } from "../store/sqlite.ts";
import { addPerson } from "./people.ts";
import { recordLogins, type WriteLogin } from "./record-logins.ts";

/** Set by the HTTP server from the connection itself, after dropping whatever the client sent under that name. */
export const PEER_HEADER = "x-chela-peer";
export const PASSWORD_CHARS_MIN = 8;
export const PASSWORD_CHARS_MAX = 128;

const LOGINS_PER_MINUTE_MAX = 10;

export interface AuthSettings {
  secret: string;
  consoleUrl: string;
  trustedOrigins: readonly string[];
  /** Where logins and changes of a person's own account are written down. */
  record: WriteLogin;
}

export type Auth = ReturnType<typeof betterAuth<BetterAuthOptions>>;

/**
 * Logins of people: password, second factor, sessions in the store. No sign-up: a person comes by invitation.
 * Brings better-auth's own tables to their newest layout.
 */
export async function openAuth(database: Database, settings: AuthSettings): Promise<Auth> {
  const options: BetterAuthOptions = {
    appName: "Chela",
    database: { db: database, type: "sqlite" },
    secret: settings.secret,
    baseURL: settings.consoleUrl,
    trustedOrigins: [...settings.trustedOrigins],
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: PASSWORD_CHARS_MIN,
      maxPasswordLength: PASSWORD_CHARS_MAX,
    },
    user: {
      additionalFields: {
        // The role for every fleet, see store/user-roles.ts; better-auth's own way of changing a user may not set it.
        role: { type: "string", required: true, defaultValue: "none", input: false },
      },
    },
    // A code that somebody else may have seen is worth nothing on a device that is always let through.
    plugins: [twoFactor({ issuer: "Chela", trustDeviceMaxAge: 0 })],
    hooks: recordLogins(settings.record, PEER_HEADER),
    rateLimit: {
      enabled: true,
      storage: "memory",
      window: 60,
      max: 600,
      customRules: {
        "/sign-in/email": { window: 60, max: LOGINS_PER_MINUTE_MAX },
        "/change-password": { window: 60, max: LOGINS_PER_MINUTE_MAX },
        "/two-factor/*": { window: 60, max: LOGINS_PER_MINUTE_MAX },
      },
    },
    advanced: { ipAddress: { ipAddressHeaders: [PEER_HEADER] } },
    // A wrong password is in the record; it is no fault of ours to log.
    logger: { level: "error" },
    telemetry: { enabled: false },
  };
  await (await getMigrations(options)).runMigrations();
  return betterAuth(options);
}

/** Only where nobody has an account yet: an administrator's later changes are never undone by a restart. */
export async function ensureFirstAdmin(
  auth: Auth,
  admin: { email: string; password: string },
): Promise<void> {
  const { internalAdapter } = await auth.$context;
  if ((await internalAdapter.countTotalUsers()) > 0) return;
  await addPerson(auth, {
    email: admin.email,
    name: admin.email.split("@")[0] ?? "admin",
    password: admin.password,
    role: "admin",
  });
}
