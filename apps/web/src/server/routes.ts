import { toNodeHandler } from "better-auth/node";
import type { Registry } from "prom-client";
import type { AgentLinks } from "../agents/links.ts";
import type { Auth } from "../auth/auth.ts";
import { TRPC_PATH } from "./api.ts";
import { type Handler, type Routes, sendJson } from "./http-server.ts";
import type { Pages } from "./pages.ts";

export interface RouteDeps {
  auth: Auth;
  api: Handler;
  metrics: Registry;
  links: AgentLinks;
  /** How hosts join, see agents/join-routes.ts. */
  joining: Routes["paths"];
  /** Null while they are not there. */
  pages(): Pages | null;
  onFault: Routes["onFault"];
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
      ["/api/auth/", (request, response) => auth(request, response)],
      [TRPC_PATH, deps.api],
      ...deps.joining,
    ],
    pages: (request, response, url) => {
      const pages = deps.pages();
      if (pages !== null) return pages.handle(request, response, url);
      response.writeHead(503, { "retry-after": "1", "content-type": "text/plain" });
      response.end("The console's pages are not there yet; the control API is.\n");
    },
    upgrades: { "/agent": (request, socket, head) => deps.links.accept(request, socket, head) },
    otherUpgrades: (request, socket, head) => {
      const upgrade = deps.pages()?.upgrade ?? null;
      if (upgrade === null) socket.destroy();
      else upgrade(request, socket, head);
    },
    onFault: deps.onFault,
  };
}
