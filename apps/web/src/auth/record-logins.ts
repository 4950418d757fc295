import type { BetterAuthOptions } from "better-auth";
import { APIError, createAuthMiddleware, getSessionFromCtx } from "better-auth/api";

/** One line of the record about a login or a change of one's own account. */
export type WriteLogin = (entry: {
  actor: string;
  from: string | null;
  action: string;
  outcome: "done" | "refused";
  detail: string | null;
}) => Promise<void>;

/** What a request to better-auth is called in the record. */
const ACTIONS: Readonly<Record<string, string>> = {
  "/sign-in/email": "login",
  "/two-factor/verify-totp": "login",
  "/two-factor/verify-backup-code": "login",
  "/two-factor/disable": "account.disableTwoFactor",
  "/two-factor/generate-backup-codes": "account.renewBackupCodes",
  "/change-password": "account.changePassword",
};

const ACTOR_CHARS_MAX = 254;

/** Writes every login, refused ones too, and what people change about their own accounts. */
export function recordLogins(write: WriteLogin, peerHeader: string): BetterAuthOptions["hooks"] {
  return {
    before: createAuthMiddleware(async (context) => {
      // Afterwards nobody knows any more who it was.
      if (context.path !== "/sign-out") return;
      const session = await getSessionFromCtx(context);
      if (session === null) return;
      await write({
        actor: session.user.email,
        from: context.headers?.get(peerHeader) ?? null,
        action: "logout",
        outcome: "done",
        detail: null,
      });
    }),
    after: createAuthMiddleware(async (context) => {
      const action = ACTIONS[context.path];
      if (action === undefined) return;
      const { returned, newSession } = context.context;
      const refused = returned instanceof APIError;
      const session = newSession ?? (await getSessionFromCtx(context).catch(() => null));
      // Half a login: the code is still to come, and is written down when it does.
      if (context.path === "/sign-in/email" && newSession?.user.twoFactorEnabled) return;
      const email =
        session?.user.email ?? (await halfwayEmail(context)) ?? context.body?.email ?? "unknown";
      const enrols =
        context.path === "/two-factor/verify-totp" &&
        Boolean(context.getCookie(context.context.authCookies.sessionToken.name));
      await write({
        actor: String(email).slice(0, ACTOR_CHARS_MAX),
        from: context.headers?.get(peerHeader) ?? null,
        action: enrols ? "account.enableTwoFactor" : action,
        outcome: refused ? "refused" : "done",
        detail: refused ? (returned.body?.message ?? returned.message) : null,
      });
    }),
  };
}

/** Who gave the right password and still owes the code; null: nobody is known to. */
async function halfwayEmail(context: HookContext): Promise<string | null> {
  const { createAuthCookie, internalAdapter, secret } = context.context;
  const challenge = await context.getSignedCookie(createAuthCookie("two_factor").name, secret);
  if (!challenge) return null;
  const pending = await internalAdapter.findVerificationValue(challenge);
  if (pending === null) return null;
  return (await internalAdapter.findUserById(pending.value))?.email ?? null;
}

type HookContext = Parameters<Parameters<typeof createAuthMiddleware>[0]>[0];
