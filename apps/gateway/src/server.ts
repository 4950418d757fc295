import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { GatewayStatus } from "@chela/shared/agent-link/schema";
import type { Registry } from "prom-client";
import type { ChatFiles } from "./chat/chat-files.ts";
import { answerChatPage, isChatPath } from "./chat/chat-page.ts";
import type { Completions } from "./completion/completions.ts";
import { sendJson, sendRefusal } from "./http/answer.ts";
import { isBearer } from "./http/bearer.ts";
import { readBody } from "./http/body.ts";
import { pathOf, refusalAtDoor } from "./http/door.ts";
import { HTTP_LIMITS, type HttpLimits } from "./http/http-limits.ts";
import { createListener, type Upgrades } from "./http/listener.ts";
import { answerWebhook, type WebhookDeps } from "./http/webhook.ts";
import { SOCKET_PATH, type SocketDoor } from "./socket/upgrade.ts";

const ADMIN_BODY_BYTES_MAX = 4_096;

interface ServerDeps {
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
  /** It is about to be stopped, and short: nothing more is accepted from now on. */
  readonly hurry: () => void;
}

/** What only the public port serves. */
export interface PublicDeps extends ServerDeps {
  readonly sockets: SocketDoor;
  readonly chat: Promise<ChatFiles>;
  readonly api: Completions;
}

/** Port 3000: webhooks, chat and what everybody may ask. Never listens by itself. */
export function createServer(deps: PublicDeps, limits = HTTP_LIMITS): Server {
  const answer: Answer = async (path, request, response) => {
    const channel = /^\/webhooks\/([^/]+)$/.exec(path)?.[1];
    if (channel !== undefined) return answerWebhook(deps.webhook, channel, request, response);
    if (path === SOCKET_PATH) return deps.sockets.answer(request, response);
    if (path === "/v1" || path.startsWith("/v1/")) return deps.api.answer(path, request, response);
    if (isChatPath(path)) return answerChatPage(await deps.chat, path, request, response);
    return answerQuestion(deps, path, request, response);
  };
  return serving(deps, limits, answer, deps.sockets);
}

/** Port 3001, for this host's agent: the same questions and `POST /drain`, all with the bearer token. */
export function createAdminServer(deps: AdminDeps): Server {
  const mayAsk = isBearer(deps.adminToken);
  return serving(deps, HTTP_LIMITS, async (path, request, response) => {
    if (!mayAsk(request.headers.authorization)) {
      return sendRefusal(response, { code: "unauthorized" }, { "www-authenticate": "Bearer" });
    }
    if (path !== "/drain") return answerQuestion(deps, path, request, response);
    if (request.method !== "POST") {
      return sendRefusal(response, { code: "method-not-allowed" }, { allow: "POST" });
    }
    const body = await readBody(request, response, ADMIN_BODY_BYTES_MAX);
    const order = body.ok ? orderIn(body.bytes) : null;
    if (order === null) {
      return sendRefusal(response, {
        code: "body-invalid",
        detail: 'Send {"draining":true} or {"draining":false}.',
      });
    }
    deps.setDraining(order.draining);
    if (order.draining && order.urgent) deps.hurry();
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

function serving(
  deps: ServerDeps,
  limits: HttpLimits,
  answer: Answer,
  upgrades?: Upgrades,
): Server {
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    deps.onOpen(1);
    response.once("close", () => deps.onOpen(-1));
    if (deps.leaving()) response.setHeader("connection", "close");
    const refusal = refusalAtDoor(request);
    if (refusal !== null) return sendRefusal(response, refusal);
    const path = pathOf(request.url);
    answer(path, request, response).catch((error: unknown) => {
      deps.onError(error, path);
      if (response.headersSent) response.destroy();
      else sendRefusal(response, { code: "internal" });
    });
  };
  return createListener(limits, handle, upgrades);
}

function orderIn(body: Buffer): { draining: boolean; urgent: boolean } | null {
  try {
    const { draining, urgent } = JSON.parse(body.toString());
    return typeof draining === "boolean" ? { draining, urgent: urgent === true } : null;
  } catch {
    return null;
  }
}
