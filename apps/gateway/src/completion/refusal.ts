import type { ServerResponse } from "node:http";
import { ERRORS, errorBody, type Refusal } from "@chela/shared/errors/errors";
import { sendJson } from "../http/answer.ts";

/** A refusal as `/v1` tells it; `param` names the parameter that is at fault. */
export interface ApiRefusal extends Refusal {
  readonly param?: string;
  /** The client must not try again by itself: it would ask the assistant a second time, or hear the same. */
  readonly final?: boolean;
}

/** Our own error, with what OpenAI's clients look for beside code and message. */
export function apiErrorBody(refusal: ApiRefusal): object {
  const { error } = errorBody(refusal);
  return { error: { ...error, type: typeOf(refusal), param: refusal.param ?? null } };
}

export function sendApiRefusal(
  response: ServerResponse,
  refusal: ApiRefusal,
  headers: Record<string, string> = {},
): void {
  const { status } = ERRORS[refusal.code];
  sendJson(response, status, apiErrorBody(refusal), {
    "cache-control": "no-store",
    ...(status === 503 ? { "retry-after": "1" } : {}),
    ...(status === 401 ? { "www-authenticate": "Bearer" } : {}),
    // What OpenAI's clients go by before they look at the status.
    ...(refusal.final ? { "x-should-retry": "false" } : {}),
    ...headers,
  });
}

function typeOf({ code }: Refusal): string {
  const { status } = ERRORS[code];
  if (status === 401) return "authentication_error";
  return status < 500 ? "invalid_request_error" : "server_error";
}
