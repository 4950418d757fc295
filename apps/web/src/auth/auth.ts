import { type BetterAuthOptions, betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import type { Database } from "../store/sqlite.ts";

/** Set by the HTTP server from the connection itself, after dropping whatever the client sent under that name. */
export const PEER_HEADER = "x-chela-peer";

const LOGINS_PER_MINUTE_MAX = 10;

export interface AuthSettings {
  secret: string;
  consoleUrl: string;
  trustedOrigins: readonly string[];
  admin: { email: string; password: string };
}

/** Logins of people: e-mail and password, sessions in the store. No sign-up: accounts are made by an administrator. */
export async function openAuth(database: Database, settings: AuthSettings): Promise<Auth> {
  const options: BetterAuthOptions = {
    database: { db: database, type: "sqlite" },
    secret: settings.secret,
    baseURL: settings.consoleUrl,
    trustedOrigins: [...settings.trustedOrigins],
    emailAndPassword: { enabled: true, disableSignUp: true, minPasswordLength: 8 },
    user: {
      additionalFields: {
        role: { type: "string", required: true, defaultValue: "viewer", input: false },
      },
    },
    rateLimit: {
      enabled: true,
      storage: "memory",
      window: 60,
      max: 600,
      customRules: { "/sign-in/email": { window: 60, max: LOGINS_PER_MINUTE_MAX } },
    },
    advanced: { ipAddress: { ipAddressHeaders: [PEER_HEADER] } },
    telemetry: { enabled: false },
  };
  await (await getMigrations(options)).runMigrations();
  const auth = betterAuth(options);
  await ensureFirstAdmin(auth, settings.admin);
  return auth;
}

export type Auth = ReturnType<typeof betterAuth<BetterAuthOptions>>;

/** Only where nobody has an account yet: an administrator's later changes are never undone by a restart. */
async function ensureFirstAdmin(auth: Auth, admin: AuthSettings["admin"]): Promise<void> {
  const context = await auth.$context;
  if ((await context.internalAdapter.countTotalUsers()) > 0) return;
  const user = await context.internalAdapter.createUser(
    {
      email: admin.email.toLowerCase(),
      name: admin.email.split("@")[0] ?? "admin",
      emailVerified: true,
      role: "admin",
    },
    { method: "first-admin" },
  );
  await context.internalAdapter.linkAccount({
    userId: user.id,
    providerId: "credential",
    accountId: user.id,
    password: await context.password.hash(admin.password),
  });
}
