import type { IncomingMessage, ServerResponse } from "node:http";
import type { Viewer } from "@chela/shared/fleet/view";
import { nodeHTTPRequestHandler } from "@trpc/server/adapters/node-http";
import type { Console } from "./console.ts";
import type { Handler } from "./http-server.ts";
import { appRouter } from "./router.ts";

export const TRPC_PATH = "/api/trpc/";
const BODY_BYTES_MAX = 1024 * 1024;

/** Serves the control API. */
export function trpcHandler(deps: {
  console: Console;
  viewerOf: (request: IncomingMessage) => Promise<Viewer | null>;
  onFault: (error: unknown, path: string) => void;
}): Handler {
  return (request: IncomingMessage, response: ServerResponse, url: URL) =>
    nodeHTTPRequestHandler({
      router: appRouter,
      req: request,
      res: response,
      path: url.pathname.slice(TRPC_PATH.length),
      maxBodySize: BODY_BYTES_MAX,
      createContext: async () => ({
        console: deps.console,
        viewer: await deps.viewerOf(request),
        from: request.socket.remoteAddress ?? null,
      }),
      onError: ({ error, path }) => {
        if (error.code === "INTERNAL_SERVER_ERROR") deps.onFault(error.cause ?? error, path ?? "");
      },
    });
}
