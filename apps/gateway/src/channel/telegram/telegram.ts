import { isOneOf } from "../../http/bearer.ts";
import { boundedEvent } from "../bounded-event.ts";
import { type Channel, headerOf, jsonObject, refused } from "../channel.ts";
import type { TelegramSettings } from "../channel-settings.ts";
import { partsOf } from "../text-parts.ts";
import { telegramSender } from "./send.ts";
import { updateOf } from "./update.ts";

const TEXT_UNITS_MAX = 4_096;

/**
 * Telegram bots. The sender is proven by the secret token given to setWebhook; answers leave by sendMessage.
 *
 * A send whose outcome is unknown (connection lost, takeover in between) is repeated unless `resend` says otherwise:
 * the Bot API knows no idempotency key, and a sentence said twice is better than an answer that never comes.
 */
export function telegramChannel(settings: TelegramSettings): Channel {
  const isSecretToken = isOneOf([settings.secretToken]);
  return {
    name: "telegram",
    dedupeTtlSeconds: 86_400,
    confirm: null,

    checkHeaders(headers) {
      const token = headerOf(headers, "x-telegram-bot-api-secret-token");
      if (token === "") return { code: "signature-missing" };
      return isSecretToken(token) ? null : { code: "signature-invalid" };
    },

    verify() {
      // The token in the header is the whole proof; the body is not signed.
      return null;
    },

    understand(_headers, body) {
      const json = jsonObject(body);
      const update = json === null ? null : updateOf(json);
      if (update === null) return refused("body-invalid", "It is not a Telegram update.");
      if (update.message === null) return { kind: "events", events: [], id: update.id };
      const { chat, thread, text } = update.message;
      const event = boundedEvent({
        channel: "telegram",
        session: [chat],
        id: update.id,
        text,
        reply: { chat_id: chat, ...(thread === null ? {} : { message_thread_id: thread }) },
      });
      if (event === null) return refused("body-invalid", "The message's text is too long.");
      return { kind: "events", events: [event], id: update.id };
    },

    outbound: {
      messages: (reply, text) =>
        partsOf(text, TEXT_UNITS_MAX).map((part) =>
          JSON.stringify({ ...JSON.parse(reply), text: part }),
        ),
      send: telegramSender(settings),
      resend: () => settings.resend,
    },
  };
}
