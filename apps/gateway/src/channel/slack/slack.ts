import { boundedEvent } from "../bounded-event.ts";
import { answered, type Channel, headerOf, jsonObject, refused } from "../channel.ts";
import type { SlackSettings } from "../channel-settings.ts";
import { proofMissing } from "../freshness.ts";
import { hmacKeys, isHmac } from "../hmac.ts";
import { partsOf } from "../text-parts.ts";
import { callbackOf } from "./callback.ts";
import { slackSender } from "./send.ts";

const SIGNATURE = "x-slack-signature";
const TIMESTAMP = "x-slack-request-timestamp";
/** Slack's own advice; beyond 40,000 it cuts off. Escaping, at most five for one, stays below that. */
const TEXT_UNITS_MAX = 4_000;

/**
 * Slack, Events API. The sender is proven by an HMAC over version, timestamp and raw body. Slack repeats an event
 * three times (at once, after one and after five minutes) unless it is answered 2xx within three seconds; the headers
 * X-Slack-Retry-Num and -Reason change nothing, since what counts is whether the event is stored: one refused with
 * 503 is accepted when it comes again.
 *
 * A session is one conversation: `slack:<team>:<channel>`, in a thread `:<thread_ts>` behind it, and is answered where
 * it takes place. Messages of bots, our own among them, and edits, deletions and the like are dropped.
 *
 * An event's identity is its `event_id`. But a message that mentions the app may come twice, as `message` and as
 * `app_mention`, with an event id each: whichever of them an app has subscribed to, such a message is known by its
 * `ts`, which is the same in both and the only one in its channel, so that it is answered once.
 *
 * A send whose outcome is unknown is repeated unless `resend` says otherwise: chat.postMessage documents no
 * idempotency key.
 */
export function slackChannel(settings: SlackSettings): Channel {
  const keys = hmacKeys(settings.signingSecret);
  return {
    name: "slack",
    dedupeTtlSeconds: 86_400,
    confirm: null,

    checkHeaders: (headers, nowMs) => proofMissing(headers, TIMESTAMP, [SIGNATURE], nowMs),

    verify(headers, body) {
      const signature = headerOf(headers, SIGNATURE);
      const matches =
        signature.startsWith("v0=") &&
        isHmac(keys, `v0:${headerOf(headers, TIMESTAMP)}:`, body, signature.slice("v0=".length));
      return matches ? null : { code: "signature-invalid" };
    },

    understand(_headers, body) {
      const json = jsonObject(body);
      const callback = json === null ? null : callbackOf(json);
      if (callback === null)
        return refused("body-invalid", "It is no request of Slack's Events API.");
      switch (callback.kind) {
        case "verification":
          return answered({ challenge: callback.challenge });
        case "notice":
          return { kind: "events", events: [], id: callback.id };
        case "message": {
          const { identity, team, channel, thread, text } = callback.message;
          const event = boundedEvent({
            channel: "slack",
            session: thread === null ? [team, channel] : [team, channel, thread],
            id: identity,
            text,
            reply: { channel, ...(thread === null ? {} : { thread_ts: thread }) },
          });
          if (event === null) {
            return refused(
              "body-invalid",
              "The event's id, conversation or text is empty or too long.",
            );
          }
          return { kind: "events", events: [event], id: callback.id };
        }
      }
    },

    outbound: {
      messages: (reply, text) =>
        partsOf(text, TEXT_UNITS_MAX).map((part) =>
          JSON.stringify({ ...JSON.parse(reply), text: part }),
        ),
      send: slackSender(settings),
      resend: () => settings.resend,
    },
  };
}
