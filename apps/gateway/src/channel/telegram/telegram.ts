import { createHash, timingSafeEqual } from "node:crypto";
import type { TelegramSettings } from "../../settings.ts";
import { type Channel, headerOf, jsonObject, refused, type Sent } from "../channel.ts";
import { partsOf, updateOf } from "./update.ts";

const SEND_TIMEOUT_MS = 10_000;

/**
 * Telegram bots. The sender is proven by the secret token given to setWebhook; answers leave by sendMessage.
 *
 * A send whose outcome is unknown (connection lost, takeover in between) is repeated: the Bot API knows no
 * idempotency key, and a sentence said twice is better than an answer that never comes.
 */
export function telegramChannel(settings: TelegramSettings): Channel {
  const expected = digest(settings.secretToken);
  const endpoint = `${settings.apiBaseUrl.replace(/\/+$/, "")}/bot${settings.botToken}/sendMessage`;
  return {
    name: "telegram",
    dedupeTtlSeconds: 86_400,

    checkHeaders(headers) {
      const token = headerOf(headers, "x-telegram-bot-api-secret-token");
      if (token === "") return { code: "signature-missing" };
      return timingSafeEqual(digest(token), expected) ? null : { code: "signature-invalid" };
    },

    verify() {
      // The token in the header is the whole proof; the body is not signed.
      return null;
    },

    understand(_headers, body) {
      const json = jsonObject(body);
      const update = json === null ? null : updateOf(json);
      if (update === null) return refused("body-invalid", "It is not a Telegram update.");
      if (update.message === null) return { ok: true, events: [], id: update.id };
      const { chat, thread, text } = update.message;
      const event = {
        channel: "telegram",
        sessionKey: `telegram:${chat}`,
        eventId: update.id,
        text: text.toWellFormed(),
        reply: JSON.stringify({
          chat_id: chat,
          ...(thread === null ? {} : { message_thread_id: thread }),
        }),
        request: null,
      };
      return { ok: true, events: [event], id: update.id };
    },

    outbound: {
      messages: (reply, text) =>
        partsOf(text).map((part) => JSON.stringify({ ...JSON.parse(reply), text: part })),
      send: (message, signal) => send(endpoint, message, signal),
    },
  };
}

async function send(endpoint: string, message: string, signal: AbortSignal): Promise<Sent> {
  let response: Response;
  try {
    response = await fetch(endpoint, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: message,
      signal: AbortSignal.any([signal, AbortSignal.timeout(SEND_TIMEOUT_MS)]),
    });
  } catch {
    return { kind: "later", reason: "Telegram does not answer", retryAfterMs: null };
  }
  const answer = (await response.json().catch(() => null)) as {
    description?: string;
    parameters?: { retry_after?: number };
  } | null;
  if (response.ok) return { kind: "sent" };
  const reason = `Telegram answered ${response.status}: ${answer?.description ?? "no reason given"}`;
  if (response.status === 429) {
    const seconds = answer?.parameters?.retry_after ?? 1;
    return { kind: "later", reason, retryAfterMs: seconds * 1_000 };
  }
  // 401 and 404 mean a wrong bot token: the operator can correct it, so nothing is given up.
  const forGood = response.status === 400 || response.status === 403;
  return forGood ? { kind: "refused", reason } : { kind: "later", reason, retryAfterMs: null };
}

/** Equal lengths, so that comparing tells nothing about the secret's own. */
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
