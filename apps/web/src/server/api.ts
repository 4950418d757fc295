import type { IncomingMessage, ServerResponse } from "node:http";
import { nodeHTTPRequestHandler } from "@trpc/server/adapters/node-http";
import type { Caller } from "../auth/viewer.ts";
import type { Console } from "./console.ts";
import { type Handler, requestIdOf } from "./http-server.ts";
import { appRouter } from "./router.ts";
import type { Context } from "./trpc.ts";

export const TRPC_PATH = "/api/trpc/";
const BODY_BYTES_MAX = 1024 * 1024;

export interface ApiDeps {
  console: Console;
  callerOf: (request: IncomingMessage) => Promise<Caller | null>;
  onFault: (error: unknown, path: string) => void;
  monotonicMs: () => number;
}

/** Who listens on is asked for again after this: a revoked token hears no more than that. */
const ASK_AGAIN_AFTER_MS = 5_000;

/** What every procedure knows of a request, however it came in. */
export async function contextOf(deps: ApiDeps, request: IncomingMessage): Promise<Context> {
  let caller = await deps.callerOf(request);
  let askedAt = deps.monotonicMs();
  return {
    viewerNow: async () => {
      if (deps.monotonicMs() - askedAt >= ASK_AGAIN_AFTER_MS) {
        caller = await deps.callerOf(request);
        askedAt = deps.monotonicMs();
      }
      return caller?.viewer ?? null;
    },
    console: deps.console,
    viewer: caller?.viewer ?? null,
    loginId: caller?.loginId ?? null,
    from: request.socket.remoteAddress ?? null,
    requestId: requestIdOf(request),
  };
}

/** Serves the control API to tRPC's clients. */
export function trpcHandler(deps: ApiDeps): Handler {
  return (request: IncomingMessage, response: ServerResponse, url: URL) =>
    nodeHTTPRequestHandler({
      router: appRouter,
      req: request,
      res: response,
      path: url.pathname.slice(TRPC_PATH.length),
      maxBodySize: BODY_BYTES_MAX,
      // A question that is too long for an address comes as POST.
      allowMethodOverride: true,
      createContext: () => contextOf(deps, request),
      onError: ({ error, path }) => {
        if (error.code === "INTERNAL_SERVER_ERROR") deps.onFault(error.cause ?? error, path ?? "");
      },
    });
}
