import type { ServerResponse } from "node:http";
import { ERRORS, errorBody, type Refusal } from "@chela/shared/errors/errors";

export function sendJson(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Record<string, string> = {},
): void {
  sendText(response, status, "application/json", JSON.stringify(body), headers);
}

export function sendText(
  response: ServerResponse,
  status: number,
  contentType: string,
  text: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, {
    "content-type": contentType,
    "content-length": Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}

/** `{"error":{"code","message"}}` with the code's status; `Retry-After` where sending again helps. */
export function sendRefusal(
  response: ServerResponse,
  refusal: Refusal,
  headers: Record<string, string> = {},
): void {
  const { status } = ERRORS[refusal.code];
  const retry: Record<string, string> = status === 503 ? { "retry-after": "1" } : {};
  sendJson(response, status, errorBody(refusal), { ...retry, ...headers });
}
