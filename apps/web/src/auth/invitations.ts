import { randomBytes } from "node:crypto";
import { EVERY_FLEET, type Roles } from "@chela/shared/access/roles";
import type { InvitationView, NewInvitation } from "@chela/shared/access/view";
import type { Clock } from "@chela/shared/clock/clock";
import { Refusal } from "@chela/shared/errors/refusal";
import type { Actor } from "../server/console.ts";
import type { Invitation, InvitationStore } from "../store/invitations.ts";
import type { UserRoleStore } from "../store/user-roles.ts";
import type { Auth } from "./auth.ts";
import { sha256 } from "./hash.ts";
import { type AuditAccess, addPerson } from "./people.ts";

const LIVES_MS = 7 * 24 * 60 * 60_000;
const INVITATION_PATH = "/invitation";

/** How people come in: an administrator hands them a link that is good once, for a week. */
export class Invitations {
  readonly #clock: Clock;
  readonly #auth: Auth;
  readonly #store: InvitationStore;
  readonly #roles: UserRoleStore;
  readonly #audit: AuditAccess;
  readonly #consoleUrl: string;

  constructor(deps: {
    clock: Clock;
    auth: Auth;
    store: InvitationStore;
    roles: UserRoleStore;
    audit: AuditAccess;
    consoleUrl: string;
  }) {
    this.#clock = deps.clock;
    this.#auth = deps.auth;
    this.#store = deps.store;
    this.#roles = deps.roles;
    this.#audit = deps.audit;
    this.#consoleUrl = deps.consoleUrl;
  }

  async list(): Promise<InvitationView[]> {
    return (await this.#store.list(this.#clock.wallMs())).map(invitationView);
  }

  /** Replaces an earlier one to the same address. */
  async create(request: { email: string; roles: Roles }, by: Actor): Promise<NewInvitation> {
    const email = request.email.toLowerCase();
    const { internalAdapter } = await this.#auth.$context;
    if ((await internalAdapter.findUserByEmail(email)) !== null) {
      throw new Refusal(
        "CONFLICT",
        "user-exists",
        `${email} can sign in already: change the roles instead.`,
      );
    }
    const token = randomBytes(32).toString("base64url");
    const nowMs = this.#clock.wallMs();
    const invitation: Invitation = {
      id: randomBytes(9).toString("base64url"),
      email,
      roles: request.roles,
      invitedBy: by.name,
      createdAtMs: nowMs,
      expiresAtMs: nowMs + LIVES_MS,
    };
    await this.#store.put(invitation, sha256(token));
    by.note?.({ after: { email, ...invitation.roles } });
    await this.#audit(by, "invitations.create", email);
    // Behind the hash, so that no server's log and no Referer ever holds it.
    return {
      ...invitationView(invitation),
      link: `${this.#consoleUrl}${INVITATION_PATH}#${token}`,
    };
  }

  async revoke(invitationId: string, by: Actor): Promise<void> {
    const email = await this.#store.remove(invitationId);
    if (email === null) {
      throw new Refusal("NOT_FOUND", "no-such-invitation", "There is no such invitation any more.");
    }
    await this.#audit(by, "invitations.revoke", email);
  }

  /** What the one who holds the link may know before using it. @throws Refusal */
  async look(token: string): Promise<InvitationView> {
    const invitation = await this.#store.valid(sha256(token), this.#clock.wallMs());
    if (invitation === null) throw overOrUsed();
    return invitationView(invitation);
  }

  /** Uses it up and makes the account. @throws Refusal */
  async accept(
    token: string,
    person: { name: string; password: string },
    from: string | null,
  ): Promise<{ email: string }> {
    const invitation = await this.#store.take(sha256(token), this.#clock.wallMs());
    if (invitation === null) throw overOrUsed();
    const user = await addPerson(this.#auth, {
      email: invitation.email,
      name: person.name,
      password: person.password,
      role: invitation.roles[EVERY_FLEET] ?? "none",
    });
    await this.#roles.put(user.id, invitation.roles);
    await this.#audit(
      { name: user.email, from },
      "invitations.accept",
      user.email,
      `Invited by ${invitation.invitedBy}`,
    );
    return { email: user.email };
  }
}

const overOrUsed = () =>
  new Refusal(
    "NOT_FOUND",
    "invitation-over",
    "This invitation was used already, withdrawn, or is older than a week: ask for another one.",
  );

const invitationView = (invitation: Invitation): InvitationView => ({
  id: invitation.id,
  email: invitation.email,
  roles: invitation.roles,
  invitedBy: invitation.invitedBy,
  createdAt: new Date(invitation.createdAtMs).toISOString(),
  expiresAt: new Date(invitation.expiresAtMs).toISOString(),
});
