import { type IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { ErrorCode, Refusal } from "@chela/shared/errors/errors";
import { WebSocketServer } from "ws";
import { sendRefusal } from "../http/answer.ts";
import { bearerOf, isOneOf } from "../http/bearer.ts";
import { pathOf } from "../http/door.ts";
import { isHistoryId } from "../live/word.ts";
import { FRAME_BYTES_MAX, isName } from "./frame.ts";
import { SOCKETS_MAX, type SocketHub } from "./hub.ts";

export const SOCKET_PATH = "/ws";
/** A socket that was told to close and does not answer is cut after this. */
const CLOSE_MS_MAX = 2_000;

export interface SocketDoorDeps {
  readonly hub: Pick<SocketHub, "open" | "take">;
  /** Any one of them opens; empty: nobody comes in. */
  readonly tokens: readonly string[];
  /** Why this gateway takes no sockets now; null: it does. */
  readonly unavailable: () => ErrorCode | null;
}

/** `GET /ws`: who may come in becomes a socket; everybody else is answered before the upgrade, so an edge can try elsewhere. */
export interface SocketDoor {
  isUpgrade(request: IncomingMessage): boolean;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** A request without an upgrade: what a client that only saw its upgrade fail may ask for the reason. */
  answer(request: IncomingMessage, response: ServerResponse): void;
}

interface Wish {
  readonly session: string;
  readonly after: string | null;
}

export function createSocketDoor({ hub, tokens, unavailable }: SocketDoorDeps): SocketDoor {
  const isToken = isOneOf(tokens);
  const options = {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: FRAME_BYTES_MAX,
    closeTimeout: CLOSE_MS_MAX,
  };
  const server = new WebSocketServer(options);

  const read = (request: IncomingMessage): Wish | Refusal => {
    // The only place that reads the query; it goes no further.
    const query = new URLSearchParams(/\?([^#]*)/.exec(request.url ?? "")?.[1]);
    if (tokens.length === 0) return { code: "clients-not-configured" };
    const token = bearerOf(request.headers.authorization) ?? query.get("token");
    if (token === null || !isToken(token)) return { code: "unauthorized" };
    const session = query.get("session") ?? "";
    if (!isName(session)) return { code: "session-invalid" };
    const after = query.get("after");
    if (after !== null && !isHistoryId(after)) return { code: "after-invalid" };
    const code = hub.open >= SOCKETS_MAX ? "too-many-connections" : unavailable();
    return code === null ? { session, after } : { code };
  };

  return {
    isUpgrade: ({ url, method, headers }) =>
      pathOf(url) === SOCKET_PATH &&
      method === "GET" &&
      headers.upgrade?.toLowerCase() === "websocket",

    upgrade(request, socket, head) {
      const wish = read(request);
      if ("code" in wish) return refuse(request, socket, wish);
      server.handleUpgrade(request, socket, head, (ws) => hub.take(ws, wish.session, wish.after));
    },

    answer(request, response) {
      const asksWhy =
        request.headers.authorization !== undefined || /[?&]token=/.test(request.url ?? "");
      const wish = asksWhy ? read(request) : null;
      if (wish !== null && "code" in wish)
        return sendRefusal(response, wish, wwwAuthenticate(wish));
      sendRefusal(
        response,
        { code: "upgrade-required" },
        { upgrade: "websocket", connection: "Upgrade" },
      );
    },
  };
}

function refuse(request: IncomingMessage, socket: Duplex, refusal: Refusal): void {
  // Node leaves an upgraded socket's errors to whoever takes it.
  socket.on("error", () => socket.destroy());
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket as Parameters<ServerResponse["assignSocket"]>[0]);
  response.once("finish", () => socket.end());
  sendRefusal(response, refusal, wwwAuthenticate(refusal));
}

function wwwAuthenticate({ code }: Refusal): Record<string, string> {
  return code === "unauthorized" || code === "clients-not-configured"
    ? { "www-authenticate": "Bearer" }
    : {};
}
