import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { PEER_HEADER } from "../auth/auth.ts";

export type Handler = (
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
) => void | Promise<void>;
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** What is no page is shown by no browser: nothing in it may run, and nobody may keep it. */
const API_HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
};
const HTTPS_ONLY = "max-age=31536000";

export interface Routes {
  /** Exact path, or prefix ending in `/`; first match counts. */
  readonly paths: readonly (readonly [path: string, handler: Handler])[];
  /** Everything else: the pages. */
  readonly pages: Handler;
  readonly upgrades: Readonly<Record<string, UpgradeHandler>>;
  /** Upgrades that are nobody else's (the page compiler's, in development). */
  readonly otherUpgrades: UpgradeHandler | null;
  readonly onFault: (error: unknown, path: string) => void;
  /** Browsers reach this console over https. */
  readonly https: boolean;
}

/** Headers that say where a request came from. Nothing stands in front of the console, so all of them are made up. */
const FORWARDING_HEADERS = [
  "forwarded",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-port",
  "x-forwarded-proto",
  "x-real-ip",
  "x-client-ip",
  PEER_HEADER,
];

/** The console's only server; never listens by itself. */
export function createConsoleServer(routes: Routes): Server {
  const server = createServer(async (request, response) => {
    believeOnlyTheConnection(request);
    nameRequest(request);
    response.setHeader(REQUEST_ID_HEADER, requestIdOf(request) ?? "");
    const url = urlOf(request);
    response.setHeader("x-content-type-options", "nosniff");
    response.setHeader("referrer-policy", "same-origin");
    response.setHeader("x-frame-options", "DENY");
    if (routes.https) response.setHeader("strict-transport-security", HTTPS_ONLY);
    const api = routes.paths.find(([path]) => matches(path, url.pathname))?.[1];
    if (api !== undefined) {
      for (const [name, value] of Object.entries(API_HEADERS)) response.setHeader(name, value);
    }
    try {
      await (api ?? routes.pages)(request, response, url);
    } catch (error) {
      routes.onFault(error, url.pathname);
      if (!response.headersSent) {
        sendError(response, 500, "fault", "The console failed while answering; its log says why.");
      } else {
        response.destroy();
      }
    }
  });
  server.on("upgrade", (request, socket, head) => {
    believeOnlyTheConnection(request);
    const handler = routes.upgrades[urlOf(request).pathname] ?? routes.otherUpgrades;
    if (handler === null) socket.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n");
    else handler(request, socket, head);
  });
  return server;
}

const matches = (path: string, asked: string) =>
  path.endsWith("/") ? asked.startsWith(path) : asked === path;

function urlOf(request: IncomingMessage): URL {
  return (
    URL.parse(request.url ?? "/", "http://console.invalid") ?? new URL("http://console.invalid/")
  );
}

function believeOnlyTheConnection(request: IncomingMessage): void {
  for (const header of FORWARDING_HEADERS) delete request.headers[header];
  request.headers[PEER_HEADER] = request.socket.remoteAddress ?? "unknown";
}

const REQUEST_ID_HEADER = "x-request-id";

/** A caller's own id is kept, so that it finds its request in the record again; else it gets one. */
function nameRequest(request: IncomingMessage): void {
  if (!/^[\w.:-]{1,128}$/.test(requestIdOf(request) ?? "")) {
    request.headers[REQUEST_ID_HEADER] = randomBytes(12).toString("hex");
  }
}

export function requestIdOf(request: IncomingMessage): string | null {
  const id = request.headers[REQUEST_ID_HEADER];
  return typeof id === "string" ? id : null;
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8" });
  response.end(JSON.stringify(body));
}

export function sendError(
  response: ServerResponse,
  status: number,
  reason: string,
  message: string,
): void {
  sendJson(response, status, { error: { code: reason, message } });
}

const BODY_BYTES_MAX = 64 * 1024;

/** @throws Error when it is longer than `bytesMax`, or no JSON. */
export async function readJson(
  request: IncomingMessage,
  bytesMax = BODY_BYTES_MAX,
): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw new Error("The body is too long.");
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString("utf8"));
}
