import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Viewer, ViewerRole } from "@chela/shared/fleet/view";
import { fromNodeHeaders } from "better-auth/node";
import type { Auth } from "./auth.ts";

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Constant time, so that answering teaches nothing about a hash. */
export function sameHash(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/**
 * Who sends this request: bearer of the API token, or a browser's session.
 * A session counts only for requests of our own pages: a foreign page's `Origin` makes it nobody's.
 */
export function viewerReader(deps: {
  auth: Auth;
  apiTokenHash: string;
  trustedOrigins: ReadonlySet<string>;
}): (request: IncomingMessage) => Promise<Viewer | null> {
  return async (request) => {
    const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? "")?.[1];
    if (bearer !== undefined) {
      if (!sameHash(sha256(bearer), deps.apiTokenHash)) return null;
      return { name: "API token", email: null, role: "admin", via: "token" };
    }
    const { origin } = request.headers;
    if (origin === undefined ? changes(request) : !deps.trustedOrigins.has(origin)) return null;
    const session = await deps.auth.api.getSession({ headers: fromNodeHeaders(request.headers) });
    if (session === null) return null;
    const { name, email, role } = session.user as typeof session.user & { role?: string };
    return { name, email, role: roleOf(role), via: "session" };
  };
}

const changes = (request: IncomingMessage) => request.method !== "GET" && request.method !== "HEAD";

function roleOf(role: string | undefined): ViewerRole {
  return role === "admin" || role === "operator" ? role : "viewer";
}
