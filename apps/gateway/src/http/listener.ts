import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { HttpLimits } from "./http-limits.ts";
import { answerMalformed } from "./malformed.ts";

/** Requests that become another protocol; whoever takes one sees to its socket from then on. */
export interface Upgrades {
  isUpgrade(request: IncomingMessage): boolean;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

const NO_UPGRADES: Upgrades = { isUpgrade: () => false, upgrade: (_, socket) => socket.destroy() };

/** Node's HTTP server with every limit set: whatever comes in, it ends in bounded time and memory. Never listens by itself. */
export function createListener(
  limits: HttpLimits,
  handle: RequestListener,
  upgrades: Upgrades = NO_UPGRADES,
): Server {
  const server = createServer({
    // A wish to upgrade to anything else (curl's h2c) may be ignored: it is a request like any other.
    shouldUpgradeCallback: (request) => upgrades.isUpgrade(request),
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    connectionsCheckingInterval: limits.checkEveryMs,
    keepAliveTimeout: limits.keepAliveMs,
    maxHeaderSize: limits.headerBytesMax,
    // Refused at the door instead, with our own words.
    requireHostHeader: false,
  });
  server.timeout = limits.silentMs;
  server.maxConnections = limits.connectionsMax;

  const last = new WeakMap<Socket, ServerResponse>();
  const take = (request: IncomingMessage, response: ServerResponse) => {
    last.set(request.socket, response);
    handle(request, response as Parameters<RequestListener>[1]);
  };
  server.on("request", take);
  server.on("upgrade", (request, socket, head) => upgrades.upgrade(request, socket, head));
  // Else Node asks for the body before the headers were looked at.
  server.on("checkContinue", take);
  // Any other expectation may be ignored (RFC 9110, 10.1.1).
  server.on("checkExpectation", take);
  server.on("clientError", (error, socket) =>
    // Always a plain socket: nothing but node:net stands under this server.
    answerMalformed(error, socket as Socket, last.get(socket as Socket), limits.lingerMs),
  );
  return server;
}
