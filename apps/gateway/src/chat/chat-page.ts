import type { IncomingMessage, ServerResponse } from "node:http";
import { sendRefusal } from "../http/answer.ts";
import type { ChatFiles } from "./chat-files.ts";

const HEADERS = {
  // Asked again each time: a rollout may have changed it. The ETag makes that cheap.
  "cache-control": "no-cache",
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join("; "),
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

export function isChatPath(path: string): boolean {
  return path === "/chat" || path.startsWith("/chat/");
}

/** The chat page and its parts. Nothing in them is secret: the token is asked for by the page and stays in it. */
export function answerChatPage(
  files: ChatFiles,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const file = files.get(path === "/chat/" ? "/chat" : path);
  if (file === undefined) {
    sendRefusal(response, { code: "not-found" });
    return;
  }
  if (request.method !== "GET" && request.method !== "HEAD") {
    sendRefusal(response, { code: "method-not-allowed" }, { allow: "GET" });
    return;
  }
  const known = request.headers["if-none-match"] === file.etag;
  response.writeHead(known ? 304 : 200, {
    ...HEADERS,
    etag: file.etag,
    ...(known ? {} : { "content-type": file.type, "content-length": file.bytes.length }),
  });
  response.end(known ? undefined : file.bytes);
}
