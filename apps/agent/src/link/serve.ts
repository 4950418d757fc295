import type { IncomingMessage } from "node:http";
import { getWSConnectionHandler } from "@trpc/server/adapters/ws";
import { type WebSocket, WebSocketServer } from "ws";
import { type AgentParts, agentRouter } from "../router.ts";

/** Serves the agent's router on a socket that the agent itself dialled: who connects and who answers are two things. */
export function routerOn(
  parts: AgentParts,
  failed: (path: string, error: Error) => void,
): (socket: WebSocket) => void {
  const handle = getWSConnectionHandler({
    // Required by its type, used only for a broadcast that does not concern us.
    wss: new WebSocketServer({ noServer: true }),
    router: agentRouter,
    createContext: () => parts,
    onError: ({ path, error }) => failed(path ?? "?", error),
  });
  // The handler looks for connection parameters in the request's URL; a dialled socket has no such request.
  const request = { url: "/", headers: {} } as IncomingMessage;
  return (socket) => {
    // tRPC's own client on the other side is told of `open` in a later turn; nothing arrives before.
    handle(socket, request);
  };
}
