import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { GatewayStatus } from "@chela/shared/agent-link/schema";
import type { Registry } from "prom-client";
import { sendJson, sendRefusal } from "./http/answer.ts";
import { isBearer } from "./http/bearer.ts";
import { readBody } from "./http/body.ts";
import { answerWebhook, type WebhookDeps } from "./http/webhook.ts";

/** Longer than the edge keeps its idle connections (60 s), so that the edge ends them and never meets a closed one. */
const KEEP_ALIVE_MS = 75_000;
const REQUEST_MS_MAX = 30_000;
const ADMIN_BODY_BYTES_MAX = 4_096;

export interface ServerDeps {
  readonly webhook: WebhookDeps;
  readonly registry: Registry;
  readonly status: () => GatewayStatus;
  /** The gateway is about to end: connections are told not to come back. */
  readonly leaving: () => boolean;
  /** A request came or was answered. */
  readonly onOpen: (more: 1 | -1) => void;
  readonly onError: (error: unknown, path: string) => void;
}

export interface AdminDeps extends ServerDeps {
  readonly adminToken: string;
  readonly setDraining: (draining: boolean) => void;
}

/** Port 3000: webhooks and what everybody may ask. Never listens by itself. */
export function createServer(deps: ServerDeps): Server {
  return serving(deps, async (path, request, response) => {
    const channel = /^\/webhooks\/([^/]+)$/.exec(path)?.[1];
    if (channel !== undefined) return answerWebhook(deps.webhook, channel, request, response);
    return answerQuestion(deps, path, request, response);
  });
}

/** Port 3001, for this host's agent: the same questions and `POST /drain`, all with the bearer token. */
export function createAdminServer(deps: AdminDeps): Server {
  const mayAsk = isBearer(deps.adminToken);
  return serving(deps, async (path, request, response) => {
    if (!mayAsk(request.headers.authorization)) {
      return sendRefusal(response, { code: "unauthorized" }, { "www-authenticate": "Bearer" });
    }
    if (path !== "/drain") return answerQuestion(deps, path, request, response);
    if (request.method !== "POST") {
      return sendRefusal(response, { code: "method-not-allowed" }, { allow: "POST" });
    }
    const body = await readBody(request, response, ADMIN_BODY_BYTES_MAX);
    const draining = body.ok ? drainingOf(body.bytes) : null;
    if (draining === null) {
      return sendRefusal(response, {
        code: "body-invalid",
        detail: 'Send {"draining":true} or {"draining":false}.',
      });
    }
    deps.setDraining(draining);
    return sendJson(response, 200, deps.status());
  });
}

async function answerQuestion(
  deps: ServerDeps,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!["/healthz", "/readyz", "/status", "/metrics"].includes(path)) {
    return sendRefusal(response, { code: "not-found" });
  }
  if (request.method !== "GET" && request.method !== "HEAD") {
    return sendRefusal(response, { code: "method-not-allowed" }, { allow: "GET" });
  }
  switch (path) {
    case "/healthz":
      return sendJson(response, 200, { alive: true });
    case "/readyz": {
      const { ready, reasons } = deps.status();
      return sendJson(response, ready ? 200 : 503, { ready, reasons });
    }
    case "/status":
      return sendJson(response, 200, deps.status());
    default: {
      const text = await deps.registry.metrics();
      response.writeHead(200, { "content-type": deps.registry.contentType });
      response.end(text);
    }
  }
}

type Answer = (path: string, request: IncomingMessage, response: ServerResponse) => Promise<void>;

function serving(deps: ServerDeps, answer: Answer): Server {
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    deps.onOpen(1);
    response.once("close", () => deps.onOpen(-1));
    if (deps.leaving()) response.setHeader("connection", "close");
    // The query is cut off here: nothing behind reads it, so no log can hold it.
    const path = (request.url ?? "/").split("?", 1)[0]!;
    answer(path, request, response).catch((error: unknown) => {
      deps.onError(error, path);
      if (response.headersSent) response.destroy();
      else sendRefusal(response, { code: "internal" });
    });
  };
  const server = createHttpServer(
    {
      keepAliveTimeout: KEEP_ALIVE_MS,
      requestTimeout: REQUEST_MS_MAX,
      headersTimeout: REQUEST_MS_MAX,
    },
    handle,
  );
  // Else Node asks for the body before the headers were looked at.
  server.on("checkContinue", handle);
  return server;
}

function drainingOf(body: Buffer): boolean | null {
  try {
    const { draining } = JSON.parse(body.toString());
    return typeof draining === "boolean" ? draining : null;
  } catch {
    return null;
  }
}
