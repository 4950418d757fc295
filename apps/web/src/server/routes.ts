import { toNodeHandler } from "better-auth/node";
import type { Registry } from "prom-client";
import type { AgentDoor } from "../agents/door.ts";
import { AUDIT_EXPORT_PATH, auditExportRoute } from "../audit/export-route.ts";
import type { Auth } from "../auth/auth.ts";
import { type ApiDeps, TRPC_PATH, trpcHandler } from "./api.ts";
import { type Routes, sendError, sendJson } from "./http-server.ts";
import type { Pages } from "./pages.ts";
import { REST_PATH, restHandler } from "./rest/rest.ts";

const AUTH_PATH = "/api/auth";
/** What of better-auth is served; all else that it could do is nobody's way in. */
const AUTH_SERVED = new Set([
  "/sign-in/email",
  "/sign-out",
  "/change-password",
  "/two-factor/enable",
  "/two-factor/disable",
  "/two-factor/verify-totp",
  "/two-factor/verify-backup-code",
  "/two-factor/generate-backup-codes",
]);

export interface RouteDeps {
  auth: Auth;
  api: ApiDeps;
  /** OpenAPI, made at the first request. */
  openApi: () => object;
  /** How invited people come in, see auth/invitation-routes.ts. */
  invitations: Routes["paths"];
  metrics: Registry;
  door: AgentDoor;
  /** How hosts join, see agents/join-routes.ts. */
  joining: Routes["paths"];
  /** Null while they are not there. */
  pages(): Pages | null;
  https: boolean;
}

/** Which path is whose. */
export function routesOf(deps: RouteDeps): Routes {
  const auth = toNodeHandler(deps.auth);
  return {
    paths: [
      ["/healthz", (_, response) => sendJson(response, 200, { status: "alive" })],
      [
        "/metrics",
        async (_, response) => {
          response.setHeader("content-type", deps.metrics.contentType);
          response.end(await deps.metrics.metrics());
        },
      ],
      [
        `${AUTH_PATH}/`,
        (request, response, url) =>
          AUTH_SERVED.has(url.pathname.slice(AUTH_PATH.length))
            ? auth(request, response)
            : sendError(response, 404, "not-found", `There is nothing at ${url.pathname}.`),
      ],
      [TRPC_PATH, trpcHandler(deps.api)],
      [`${REST_PATH}openapi.json`, (_, response) => sendJson(response, 200, deps.openApi())],
      [REST_PATH, restHandler(deps.api)],
      [AUDIT_EXPORT_PATH, auditExportRoute(deps.api)],
      ...deps.invitations,
      ...deps.joining,
    ],
    pages: (request, response, url) => {
      const pages = deps.pages();
      if (pages !== null) return pages.handle(request, response, url);
      response.writeHead(503, { "retry-after": "1", "content-type": "text/plain" });
      response.end("The console's pages are not there yet; the control API is.\n");
    },
    upgrades: { "/agent": (request, socket, head) => deps.door.accept(request, socket, head) },
    otherUpgrades: (request, socket, head) => {
      const upgrade = deps.pages()?.upgrade ?? null;
      if (upgrade === null) socket.destroy();
      else upgrade(request, socket, head);
    },
    onFault: deps.api.onFault,
    https: deps.https,
  };
}
