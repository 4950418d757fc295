import { EVERY_FLEET, type Roles } from "@chela/shared/access/roles";
import type { LoginView, UserView } from "@chela/shared/access/view";
import { Refusal } from "@chela/shared/errors/refusal";
import type { Actor } from "../server/console.ts";
import type { ApiTokenStore } from "../store/api-tokens.ts";
import type { UserRoleStore } from "../store/user-roles.ts";
import type { Auth } from "./auth.ts";

/** Writes down who changed what about who may. */
export type AuditAccess = (
  by: Actor,
  action: string,
  subject: string,
  detail?: string,
) => Promise<void>;

const PEOPLE_MAX = 1_000;

/** Those who can sign in: their roles, their second factors, their browsers. */
export class People {
  readonly #auth: Auth;
  readonly #roles: UserRoleStore;
  readonly #tokens: ApiTokenStore;
  readonly #audit: AuditAccess;

  constructor(deps: {
    auth: Auth;
    roles: UserRoleStore;
    tokens: ApiTokenStore;
    audit: AuditAccess;
  }) {
    this.#auth = deps.auth;
    this.#roles = deps.roles;
    this.#tokens = deps.tokens;
    this.#audit = deps.audit;
  }

  async list(): Promise<UserView[]> {
    const { internalAdapter } = await this.#auth.$context;
    const users = await internalAdapter.listUsers(PEOPLE_MAX, 0, {
      field: "createdAt",
      direction: "asc",
    });
    return Promise.all(
      users.map(async (user) => {
        const logins = await this.#logins(user.id);
        return {
          id: user.id,
          name: user.name,
          email: user.email,
          roles: (await this.#roles.of(user.id)) ?? {},
          twoFactor: hasTwoFactor(user),
          logins: logins.length,
          createdAt: iso(user.createdAt),
          lastSeenAt: logins[0]?.lastSeenAt ?? null,
        };
      }),
    );
  }

  async setRoles(userId: string, roles: Roles, by: Actor): Promise<void> {
    const user = await this.#get(userId, by);
    const before = await this.#roles.of(userId);
    by.note?.({ before, after: roles });
    mustBeDone(await this.#roles.put(userId, roles));
    await this.#audit(
      by,
      "users.setRoles",
      user.email,
      `${inWords(before ?? {})} → ${inWords(roles)}`,
    );
  }

  /** With everything they hold: logins, second factor, tokens. */
  async remove(userId: string, by: Actor): Promise<void> {
    const user = await this.#get(userId, by);
    by.note?.({ before: await this.#roles.of(userId) });
    // First the roles: that is where the last administrator is noticed, and from then on they may nothing.
    mustBeDone(await this.#roles.put(userId, {}));
    await this.#tokens.removeOf(userId);
    const context = await this.#auth.$context;
    await context.internalAdapter.deleteUserSessions(userId);
    await removeTwoFactor(this.#auth, userId);
    await context.internalAdapter.deleteAccounts(userId);
    await context.internalAdapter.deleteUser(userId);
    await this.#audit(by, "users.remove", user.email);
  }

  /** For someone who lost their device: they sign in with the password alone and set it up again. */
  async resetTwoFactor(userId: string, by: Actor): Promise<void> {
    const user = await this.#get(userId, by);
    by.note?.({ before: { twoFactor: hasTwoFactor(user) }, after: { twoFactor: false } });
    await removeTwoFactor(this.#auth, userId);
    await this.#audit(by, "users.resetTwoFactor", user.email);
  }

  /** @param current the login that asks. */
  async logins(userId: string, current: string | null): Promise<LoginView[]> {
    await this.#known(userId);
    return (await this.#logins(userId)).map((login) => ({
      ...login,
      current: login.id === current,
    }));
  }

  /** @param which one of them; `others` = all but `current`; `all`. */
  async endLogins(
    userId: string,
    which: { id: string } | "all" | "others",
    current: string | null,
    by: Actor,
  ): Promise<number> {
    const user = await this.#get(userId, by);
    const { internalAdapter } = await this.#auth.$context;
    const ended = (await internalAdapter.listSessions(userId)).filter(({ id }) =>
      which === "all" ? true : which === "others" ? id !== current : id === which.id,
    );
    if (typeof which === "object" && ended.length === 0) {
      throw new Refusal("NOT_FOUND", "no-such-login", "That browser is not signed in any more.");
    }
    for (const { token } of ended) await internalAdapter.deleteSession(token);
    await this.#audit(by, "users.endLogins", user.email, `${ended.length} ended`);
    return ended.length;
  }

  async #logins(userId: string): Promise<LoginView[]> {
    const { internalAdapter } = await this.#auth.$context;
    const sessions = await internalAdapter.listSessions(userId, { onlyActiveSessions: true });
    return sessions
      .map((session) => ({
        id: session.id,
        current: false,
        address: session.ipAddress || null,
        userAgent: session.userAgent || null,
        signedInAt: iso(session.createdAt),
        lastSeenAt: iso(session.updatedAt),
        expiresAt: iso(session.expiresAt),
      }))
      .sort((a, b) => b.lastSeenAt.localeCompare(a.lastSeenAt));
  }

  /** Also tells the record whom it is about, whatever becomes of it. */
  async #get(userId: string, by: Actor) {
    const user = await this.#known(userId);
    by.note?.({ subject: user.email });
    return user;
  }

  async #known(userId: string) {
    const user = await (await this.#auth.$context).internalAdapter.findUserById(userId);
    if (user === null) throw noSuchUser();
    return user;
  }
}

/** Makes someone who can sign in. @param role for every fleet. */
export async function addPerson(
  auth: Auth,
  person: { email: string; name: string; password: string; role: string },
): Promise<{ id: string; email: string }> {
  const context = await auth.$context;
  const user = await context.internalAdapter.createUser(
    {
      email: person.email.toLowerCase(),
      name: person.name,
      emailVerified: true,
      role: person.role,
    },
    { method: "invitation" },
  );
  await context.internalAdapter.linkAccount({
    userId: user.id,
    providerId: "credential",
    accountId: user.id,
    password: await context.password.hash(person.password),
  });
  return user;
}

export async function removeTwoFactor(auth: Auth, userId: string): Promise<void> {
  const { adapter, internalAdapter } = await auth.$context;
  await adapter.deleteMany({ model: "twoFactor", where: [{ field: "userId", value: userId }] });
  await internalAdapter.updateUser(userId, { twoFactorEnabled: false });
}

export const hasTwoFactor = (user: object): boolean =>
  (user as { twoFactorEnabled?: boolean | null }).twoFactorEnabled === true;

const noSuchUser = () =>
  new Refusal("NOT_FOUND", "no-such-user", "There is no such user: the list may have changed.");

function mustBeDone(outcome: Awaited<ReturnType<UserRoleStore["put"]>>): void {
  if (outcome === "no-such-user") throw noSuchUser();
  if (outcome === "last-admin") {
    throw new Refusal(
      "CONFLICT",
      "last-admin",
      "This is the last administrator of all fleets: make somebody else one first.",
    );
  }
}

const inWords = (roles: Roles): string =>
  Object.entries(roles)
    .map(([fleet, role]) => (fleet === EVERY_FLEET ? role : `${role} of ${fleet}`))
    .join(", ") || "no role";

const iso = (time: Date | string): string => new Date(time).toISOString();
