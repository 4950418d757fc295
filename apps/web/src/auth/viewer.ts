import type { IncomingMessage } from "node:http";
import { EVERY_FLEET, highestRole, type Roles } from "@chela/shared/access/roles";
import type { Viewer } from "@chela/shared/fleet/view";
import { fromNodeHeaders } from "better-auth/node";
import type { UserRoleStore } from "../store/user-roles.ts";
import type { Auth } from "./auth.ts";
import { sameHash, sha256 } from "./hash.ts";
import { hasTwoFactor } from "./people.ts";
import type { ApiTokens } from "./tokens.ts";

/** Who asks, with what only the server may know of them. */
export interface Caller {
  viewer: Viewer;
  /** Which browser's login it is; null for tokens. */
  loginId: string | null;
}

/**
 * Who sends this request: bearer of an API token, or a browser that is signed in.
 * A browser's login counts only for requests of our own pages: a foreign page's `Origin` makes it nobody's.
 */
export function callerReader(deps: {
  auth: Auth;
  /** Of the token in access.json: administrator of everything. */
  apiTokenHash: string;
  tokens: ApiTokens;
  roles: UserRoleStore;
  trustedOrigins: ReadonlySet<string>;
}): (request: IncomingMessage) => Promise<Caller | null> {
  return async (request) => {
    const { authorization, origin } = request.headers;
    if (authorization !== undefined) {
      const bearer = /^Bearer (.+)$/i.exec(authorization)?.[1];
      if (bearer === undefined) return null;
      const hash = sha256(bearer);
      const viewer = sameHash(hash, deps.apiTokenHash)
        ? viewerOf(null, "API token", null, { [EVERY_FLEET]: "admin" }, "token")
        : await deps.tokens.viewerOf(hash);
      return viewer === null ? null : { viewer, loginId: null };
    }
    if (origin === undefined ? changes(request) : !deps.trustedOrigins.has(origin)) return null;
    const session = await deps.auth.api.getSession({ headers: fromNodeHeaders(request.headers) });
    if (session === null) return null;
    const { id, name, email } = session.user;
    const roles = (await deps.roles.of(id)) ?? {};
    const twoFactor = hasTwoFactor(session.user);
    return {
      viewer: viewerOf(id, name, email, roles, "session", { twoFactor }),
      loginId: session.session.id,
    };
  };
}

const changes = (request: IncomingMessage) => request.method !== "GET" && request.method !== "HEAD";

export const viewerOf = (
  id: string | null,
  name: string,
  email: string | null,
  roles: Roles,
  via: Viewer["via"],
  more: Partial<Pick<Viewer, "twoFactor" | "expiresAt">> = {},
): Viewer => ({
  id,
  name,
  email,
  role: highestRole(roles),
  roles,
  via,
  twoFactor: false,
  expiresAt: null,
  ...more,
});
