import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "@chela/shared/clock/clock";
import { ERRORS, type Refusal } from "@chela/shared/errors/errors";
import type { Channel } from "../channel/channel.ts";
import type { WebhookOutcome } from "../figures/metrics.ts";
import type { InboundEvent, Stored } from "../inbox/event.ts";
import { sendJson, sendRefusal } from "./answer.ts";
import { readBody } from "./body.ts";

export interface WebhookDeps {
  readonly gateway: string;
  readonly channels: ReadonlyMap<string, Channel>;
  readonly bodyBytesMax: number;
  readonly clock: Clock;
  /** Redis' time, ms. */
  readonly redisNowMs: () => number;
  readonly store: (event: InboundEvent) => Promise<Stored>;
  /** One webhook was answered; `code` where it was refused. */
  readonly onWebhook: (channel: string, outcome: WebhookOutcome, ms: number, code?: string) => void;
}

/**
 * `POST /webhooks/{channel}`: what proves the sender is looked at before the body is read, the signature
 * before the body is understood; 2xx only once everything in it is stored.
 */
export async function answerWebhook(
  deps: WebhookDeps,
  name: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const startedMs = deps.clock.monotonicMs();
  const channel = deps.channels.get(name);
  const told = (outcome: WebhookOutcome, code?: string) =>
    deps.onWebhook(channel?.name ?? "unknown", outcome, deps.clock.monotonicMs() - startedMs, code);
  const refuse = (refusal: Refusal, headers?: Record<string, string>) => {
    told(ERRORS[refusal.code].status === 503 ? "unavailable" : "rejected", refusal.code);
    sendRefusal(response, refusal, headers);
  };

  if (channel === undefined) return refuse({ code: "channel-unknown" });
  if (request.method !== "POST") return refuse({ code: "method-not-allowed" }, { allow: "POST" });
  const unproven = channel.checkHeaders(request.headers, deps.redisNowMs());
  if (unproven !== null) return refuse(unproven);

  const body = await readBody(request, response, deps.bodyBytesMax);
  if (!body.ok) {
    if (body.why === "broken-off") return;
    return refuse({ code: "body-too-large" }, { connection: "close" });
  }
  const forged = channel.verify(request.headers, body.bytes);
  if (forged !== null) return refuse(forged);
  const understood = channel.understand(request.headers, body.bytes);
  if (!understood.ok) return refuse(understood.refusal);

  const { gateway } = deps;
  const { events, id } = understood;
  if (events.length === 0) {
    told("accepted");
    return sendJson(response, 200, { status: "accepted", id, gateway, ignored: true });
  }
  const stored = await Promise.all(events.map((event) => deps.store(event)));
  for (const result of stored) {
    // Some may be stored already; repeated, they are duplicates and the rest gets its chance.
    if (result.outcome === "unavailable") return refuse({ code: result.code });
  }
  const status = stored.some(({ outcome }) => outcome === "accepted") ? "accepted" : "duplicate";
  told(status);
  sendJson(response, 200, { status, id, gateway });
}
