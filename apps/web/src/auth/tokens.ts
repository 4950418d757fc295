import { randomBytes } from "node:crypto";
import { EVERY_FLEET, limitedTo, mayIn, roleIn, type ViewerRole } from "@chela/shared/access/roles";
import type { NewToken, TokenView } from "@chela/shared/access/view";
import type { Clock } from "@chela/shared/clock/clock";
import { Refusal } from "@chela/shared/errors/refusal";
import type { Viewer } from "@chela/shared/fleet/view";
import type { Actor } from "../server/console.ts";
import type { ApiToken, ApiTokenStore } from "../store/api-tokens.ts";
import type { UserRoleStore } from "../store/user-roles.ts";
import type { Auth } from "./auth.ts";
import { sha256 } from "./hash.ts";
import type { AuditAccess } from "./people.ts";
import { viewerOf } from "./viewer.ts";

const DAY_MS = 24 * 60 * 60_000;
/** `lastUsedAt` is kept to this grain: a write a minute, not one a request. */
const USED_GRAIN_MS = 60_000;
const TOKENS_OF_ONE_MAX = 100;

/** Tokens with which programs call the control API: scoped by role, fleet and time, shown once. */
export class ApiTokens {
  readonly #clock: Clock;
  readonly #auth: Auth;
  readonly #store: ApiTokenStore;
  readonly #roles: UserRoleStore;
  readonly #audit: AuditAccess;

  constructor(deps: {
    clock: Clock;
    auth: Auth;
    store: ApiTokenStore;
    roles: UserRoleStore;
    audit: AuditAccess;
  }) {
    this.#clock = deps.clock;
    this.#auth = deps.auth;
    this.#store = deps.store;
    this.#roles = deps.roles;
    this.#audit = deps.audit;
  }

  /** Whom a bearer with this hash stands for: never more than its owner may at this moment. Null: nobody. */
  async viewerOf(hash: string): Promise<Viewer | null> {
    const nowMs = this.#clock.wallMs();
    const token = await this.#store.valid(hash, nowMs);
    if (token === null) return null;
    const owner =
      token.ownerId === null ? null : (await this.#emailsOf([token])).get(token.ownerId);
    const owned =
      token.ownerId === null
        ? { [EVERY_FLEET]: "admin" as const }
        : await this.#roles.of(token.ownerId);
    if (owned === null || owner === undefined) return null;
    if (nowMs - (token.lastUsedAtMs ?? 0) >= USED_GRAIN_MS) await this.#store.used(token.id, nowMs);
    return viewerOf(
      token.ownerId,
      owner === null ? `token ${token.name}` : `token ${token.name} of ${owner}`,
      null,
      limitedTo(owned, token.fleet, token.role),
      "token",
      { expiresAt: isoOrNull(token.expiresAtMs) },
    );
  }

  /** One's own, of which a token reaches only those that are no more than itself; for administrators everybody's. */
  async list(viewer: Viewer): Promise<TokenView[]> {
    const all = mayIn(viewer.roles, EVERY_FLEET, "admin");
    const tokens = (await this.#store.list(all ? undefined : viewer.id)).filter(
      ({ fleet, role }) => viewer.via === "session" || mayIn(viewer.roles, fleet, role),
    );
    const owners = await this.#emailsOf(tokens);
    return tokens.map((token) => tokenView(token, owners));
  }

  /** Nobody hands on more than they have: neither a higher role, nor another fleet, nor a longer time. */
  async create(
    request: { name: string; role: ViewerRole; fleet: string; days: number | null },
    viewer: Viewer,
    by: Actor,
  ): Promise<NewToken> {
    if (!mayIn(viewer.roles, request.fleet, request.role)) {
      const where = request.fleet === EVERY_FLEET ? "every fleet" : request.fleet;
      throw new Refusal(
        "FORBIDDEN",
        "role-too-low",
        `A token for ${where} can have at most your own role there, ${roleIn(viewer.roles, request.fleet) ?? "none"}.`,
      );
    }
    const nowMs = this.#clock.wallMs();
    const expiresAtMs = request.days === null ? null : nowMs + request.days * DAY_MS;
    if (viewer.expiresAt !== null && !endsBefore(expiresAtMs, Date.parse(viewer.expiresAt))) {
      throw new Refusal(
        "FORBIDDEN",
        "outlives-its-maker",
        `A token made with a token ends no later than it: ${viewer.expiresAt}.`,
      );
    }
    if ((await this.#store.list(viewer.id)).length >= TOKENS_OF_ONE_MAX) {
      throw new Refusal(
        "PRECONDITION_FAILED",
        "too-many-tokens",
        `There are ${TOKENS_OF_ONE_MAX} tokens already: revoke those that nobody needs.`,
      );
    }
    const secret = `chela_${randomBytes(32).toString("base64url")}`;
    const token: ApiToken = {
      id: randomBytes(9).toString("base64url"),
      name: request.name,
      role: request.role,
      fleet: request.fleet,
      ownerId: viewer.id,
      createdAtMs: nowMs,
      expiresAtMs,
      lastUsedAtMs: null,
    };
    await this.#store.add(token, sha256(secret));
    by.note?.({ after: noted(token) });
    await this.#audit(
      by,
      "tokens.create",
      token.name,
      `${token.role} of ${token.fleet === EVERY_FLEET ? "every fleet" : token.fleet}, ${expiresAtMs === null ? "without end" : `until ${isoOrNull(expiresAtMs)}`}`,
    );
    return { ...tokenView(token, await this.#emailsOf([token])), token: secret };
  }

  /** One's own; administrators of the console anybody's. Counts from the next request on. */
  async revoke(tokenId: string, viewer: Viewer, by: Actor): Promise<void> {
    const token = (await this.list(viewer)).find(({ id }) => id === tokenId);
    if (token === undefined) {
      throw new Refusal("NOT_FOUND", "no-such-token", "There is no such token of yours.");
    }
    await this.#store.remove(tokenId);
    const { name, role, fleet, expiresAt } = token;
    by.note?.({ before: { name, role, fleet, expiresAt } });
    await this.#audit(by, "tokens.revoke", token.name);
  }

  async #emailsOf(tokens: readonly ApiToken[]): Promise<Map<string, string>> {
    const { internalAdapter } = await this.#auth.$context;
    const ids = new Set(tokens.flatMap(({ ownerId }) => ownerId ?? []));
    const users = await Promise.all([...ids].map((id) => internalAdapter.findUserById(id)));
    return new Map(users.flatMap((user) => (user === null ? [] : [[user.id, user.email]])));
  }
}

const noted = ({ name, role, fleet, expiresAtMs }: ApiToken) => ({
  name,
  role,
  fleet,
  expiresAt: isoOrNull(expiresAtMs),
});

const endsBefore = (expiresAtMs: number | null, latestMs: number): boolean =>
  expiresAtMs !== null && expiresAtMs <= latestMs;

const isoOrNull = (ms: number | null): string | null =>
  ms === null ? null : new Date(ms).toISOString();

const tokenView = (token: ApiToken, owners: ReadonlyMap<string, string>): TokenView => ({
  id: token.id,
  name: token.name,
  role: token.role,
  fleet: token.fleet,
  owner: token.ownerId === null ? null : (owners.get(token.ownerId) ?? null),
  createdAt: new Date(token.createdAtMs).toISOString(),
  expiresAt: isoOrNull(token.expiresAtMs),
  lastUsedAt: isoOrNull(token.lastUsedAtMs),
});
