import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "@chela/shared/clock/clock";
import { ERRORS, type ErrorCode, type Refusal } from "@chela/shared/errors/errors";
import { type Channel, refused, type Understood } from "../channel/channel.ts";
import type { WebhookOutcome } from "../figures/metrics.ts";
import type { InboundEvent, Stored } from "../inbox/event.ts";
import { sendJson, sendRefusal, sendText } from "./answer.ts";
import { readBody } from "./body.ts";

export interface WebhookDeps {
  readonly gateway: string;
  readonly channels: ReadonlyMap<string, Channel>;
  readonly bodyBytesMax: number;
  readonly clock: Clock;
  /** Redis' time, ms. */
  readonly redisNowMs: () => number;
  readonly store: (event: InboundEvent) => Promise<Stored>;
  /** An event was answered, or a webhook that holds none; `code` where it was refused. */
  readonly onWebhook: (
    channel: string,
    outcome: WebhookOutcome,
    ms: number,
    code?: ErrorCode,
  ) => void;
}

/**
 * `POST /webhooks/{channel}`: what proves the sender is looked at before the body is read, the signature
 * before the body is understood; 2xx only once everything in it is stored. `GET`: where the channel's vendor asks
 * that way whether the address is ours.
 */
export async function answerWebhook(
  deps: WebhookDeps,
  name: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const startedMs = deps.clock.monotonicMs();
  const channel = deps.channels.get(name);
  const told = (outcome: WebhookOutcome, code?: ErrorCode) =>
    deps.onWebhook(channel?.name ?? "unknown", outcome, deps.clock.monotonicMs() - startedMs, code);
  const refuse = (refusal: Refusal) => {
    told(ERRORS[refusal.code].status === 503 ? "unavailable" : "rejected", refusal.code);
    sendRefusal(response, refusal, headersOf(refusal, channel));
  };

  if (channel === undefined) return refuse({ code: "channel-unknown" });
  const understood = await understoodOf(deps, channel, request, response);
  switch (understood.kind) {
    case "broken-off":
      return;
    case "refused":
      return refuse(understood.refusal);
    case "answer":
      return sendText(response, 200, understood.contentType, understood.body);
    case "events": {
      const { events, id, also } = understood;
      const { gateway } = deps;
      if (events.length === 0) {
        told("ignored");
        return sendJson(response, 200, { status: "accepted", id, gateway, ignored: true, ...also });
      }
      const stored = await Promise.all(events.map((event) => deps.store(event)));
      for (const result of stored) {
        // Some may be stored already; repeated, they are duplicates and the rest gets its chance.
        if (result.outcome === "unavailable") return refuse({ code: result.code });
      }
      const each = events.map(({ eventId }, n) => ({
        id: eventId,
        status: stored[n]?.outcome === "accepted" ? ("accepted" as const) : ("duplicate" as const),
      }));
      for (const { status } of each) told(status);
      const status = each.some(({ status }) => status === "accepted") ? "accepted" : "duplicate";
      const several = each.length > 1 ? { events: each } : {};
      return sendJson(response, 200, { status, id, gateway, ...several, ...also });
    }
  }
}

async function understoodOf(
  deps: WebhookDeps,
  channel: Channel,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Understood | { readonly kind: "broken-off" }> {
  if (request.method === "GET" && channel.confirm !== null) {
    return channel.confirm(queryOf(request.url));
  }
  if (request.method !== "POST") return refused("method-not-allowed");
  const unproven = channel.checkHeaders(request.headers, deps.redisNowMs());
  if (unproven !== null) return { kind: "refused", refusal: unproven };

  const body = await readBody(request, response, deps.bodyBytesMax);
  if (!body.ok) {
    if (body.why === "broken-off") return { kind: "broken-off" };
    return refused(body.why === "too-busy" ? "too-busy" : "body-too-large");
  }
  const forged = channel.verify(request.headers, body.bytes);
  if (forged !== null) return { kind: "refused", refusal: forged };
  return channel.understand(request.headers, body.bytes);
}

function headersOf({ code }: Refusal, channel: Channel | undefined): Record<string, string> {
  switch (code) {
    case "method-not-allowed":
      return { allow: channel?.confirm === null ? "POST" : "GET, POST" };
    case "body-too-large":
    case "too-busy":
      // What is left of the body would else be read as the next request.
      return { connection: "close" };
    default:
      return {};
  }
}

/** Only a channel's `confirm` sees it: it may hold a token, so no log may. */
function queryOf(url: string | undefined): URLSearchParams {
  const at = url?.indexOf("?") ?? -1;
  return new URLSearchParams(at < 0 ? "" : url!.slice(at));
}
