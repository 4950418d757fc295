import { type Channel, headerOf, jsonObject, refused } from "../channel.ts";
import type { GenericSettings } from "../channel-settings.ts";
import { proofMissing } from "../freshness.ts";
import { keyOf, signatureMatches } from "./signature.ts";

const SESSION_CHARACTERS_MAX = 256;
const TEXT_BYTES_MAX = 64 * 1_024;
const ID_CHARACTERS_MAX = 256;

/**
 * Webhooks of anything that can sign by Standard Webhooks. Body `{"session","text"}`; the answer stands in the
 * session, nothing is sent out.
 */
export function genericChannel(settings: GenericSettings): Channel {
  const keys = settings.secret.map(keyOf);
  return {
    name: "generic",
    dedupeTtlSeconds: 86_400,
    outbound: null,
    confirm: null,

    checkHeaders: (headers, nowMs) =>
      proofMissing(headers, "webhook-timestamp", ["webhook-id", "webhook-signature"], nowMs),

    verify(headers, body) {
      const signed = {
        id: headerOf(headers, "webhook-id"),
        timestamp: headerOf(headers, "webhook-timestamp"),
        signature: headerOf(headers, "webhook-signature"),
      };
      return signatureMatches(keys, signed, body) ? null : { code: "signature-invalid" };
    },

    understand(headers, body) {
      const id = headerOf(headers, "webhook-id");
      if (id.length > ID_CHARACTERS_MAX) {
        return refused("body-invalid", "webhook-id has more than 256 characters.");
      }
      const message = jsonObject(body);
      if (message === null) return refused("body-invalid", "It is not a JSON object in UTF-8.");
      const { session, text } = message;
      if (typeof session !== "string" || session === "" || tooManyCharacters(session)) {
        return refused("body-invalid", "session must be a text of 1 to 256 characters.");
      }
      if (typeof text !== "string" || Buffer.byteLength(text) > TEXT_BYTES_MAX) {
        return refused("body-invalid", "text must be a text of at most 64 KiB.");
      }
      const event = {
        channel: "generic",
        // A lone surrogate has no UTF-8 form: made whole here, so that hash and key agree on one spelling.
        sessionKey: `generic:${session.toWellFormed()}`,
        eventId: id,
        text: text.toWellFormed(),
        reply: "",
        request: null,
      };
      return { kind: "events", events: [event], id };
    },
  };
}

function tooManyCharacters(text: string): boolean {
  if (text.length <= SESSION_CHARACTERS_MAX) return false;
  // Characters, not UTF-16 units; the first check keeps a giant text from being spread out.
  return text.length > 2 * SESSION_CHARACTERS_MAX || [...text].length > SESSION_CHARACTERS_MAX;
}
