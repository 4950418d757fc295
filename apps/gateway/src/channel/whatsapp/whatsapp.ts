import { isOneOf } from "../../http/bearer.ts";
import { boundedEvent } from "../bounded-event.ts";
import { type Channel, headerOf, jsonObject, refused } from "../channel.ts";
import type { WhatsappSettings } from "../channel-settings.ts";
import { hmacKeys, isHmac } from "../hmac.ts";
import { partsOf } from "../text-parts.ts";
import { notificationOf } from "./notification.ts";
import { whatsappSender } from "./send.ts";

const SIGNATURE = "x-hub-signature-256";
const TEXT_UNITS_MAX = 4_096;
/** Meta puts at most 1,000 updates into one body. */
const MESSAGES_MAX = 1_000;
const CHALLENGE = /^[\x21-\x7e]{1,256}$/;

/**
 * WhatsApp Business Platform, Cloud API. The sender is proven by an HMAC over the raw body under the app's secret;
 * one body may hold many messages, each an event of its own under its `wamid`, and receipts, which are dropped.
 * Meta repeats for up to seven days, in any order.
 *
 * A session is one partner of one of our numbers: `whatsapp:<phone_number_id>:<from>`. One app may serve several
 * numbers, and what somebody wrote to one of them is nothing the other one knows. Where Meta hides the phone number
 * (usernames), the partner is the user's id towards this business; in a group, the group.
 *
 * A send whose outcome is unknown is repeated unless `resend` says otherwise: the API knows no idempotency key.
 */
export function whatsappChannel(settings: WhatsappSettings): Channel {
  const keys = hmacKeys(settings.appSecret);
  const isVerifyToken = isOneOf([settings.verifyToken]);
  return {
    name: "whatsapp",
    dedupeTtlSeconds: 7 * 86_400,

    checkHeaders(headers) {
      return headerOf(headers, SIGNATURE) === "" ? { code: "signature-missing" } : null;
    },

    verify(headers, body) {
      const signature = headerOf(headers, SIGNATURE);
      const matches =
        signature.startsWith("sha256=") &&
        isHmac(keys, "", body, signature.slice("sha256=".length));
      return matches ? null : { code: "signature-invalid" };
    },

    confirm(query) {
      const challenge = query.get("hub.challenge") ?? "";
      if (query.get("hub.mode") !== "subscribe" || !CHALLENGE.test(challenge)) {
        return refused("confirmation-invalid");
      }
      if (!isVerifyToken(query.get("hub.verify_token") ?? "")) {
        return refused("verify-token-invalid");
      }
      return { kind: "answer", contentType: "text/plain", body: challenge };
    },

    understand(_headers, body) {
      const json = jsonObject(body);
      const notification = json === null ? null : notificationOf(json);
      if (notification === null) {
        return refused("body-invalid", "It is not a notification of the WhatsApp Cloud API.");
      }
      if (notification.count > MESSAGES_MAX) {
        return refused("body-too-large", `It holds more than ${MESSAGES_MAX} messages.`);
      }
      const events = notification.messages.map(({ id, phoneNumberId, partner, recipient, text }) =>
        boundedEvent({
          channel: "whatsapp",
          session: [phoneNumberId, partner],
          id,
          text,
          reply: { phone_number_id: phoneNumberId, ...recipient },
        }),
      );
      const whole = events.filter((event) => event !== null);
      if (whole.length < events.length) {
        return refused("body-invalid", "A message's id, sender or text is empty or too long.");
      }
      return { kind: "events", events: whole, id: notification.id };
    },

    outbound: {
      messages: (reply, text) =>
        partsOf(text, TEXT_UNITS_MAX).map((part) =>
          JSON.stringify({ ...JSON.parse(reply), body: part }),
        ),
      send: whatsappSender(settings),
      resend: () => settings.resend,
    },
  };
}
