import type { Outbound, Sent } from "../channel.ts";
import type { WhatsappSettings } from "../channel-settings.ts";
import { partlyOf } from "../tolerant.ts";
import { callVendor, reasonOf, type VendorAnswer } from "../vendor-call.ts";

/**
 * Errors after which the same message can never go out:
 * https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes
 * Everything else (throughput 130429, pace towards one person 131056, the account's limits 4 and 80007, a token that
 * is wrong or expired 0 and 190, permissions, payment, outages, …) passes, or an operator can correct it.
 */
const FINAL = new Set([
  33, // the sending number was deleted
  100, // a parameter is wrong
  130472, // part of an experiment
  131008, // a parameter is missing
  131009, // a parameter's value is wrong
  131021, // to oneself
  131026, // undeliverable: no WhatsApp there, or terms not accepted
  131030, // not on the list of a test number's recipients
  131047, // more than 24 hours since the user wrote: only templates may be sent
  131051, // kind of message unknown
  131062, // this kind cannot go to a user id
]);

/** Beside 100: the number is not one that this token may use, which is the operator's to correct. */
const NO_ACCESS = 33;

/** Sends by `POST /<version>/<phone number id>/messages`. */
export function whatsappSender(settings: WhatsappSettings): Outbound["send"] {
  const base = `${settings.apiBaseUrl.replace(/\/+$/, "")}/${settings.apiVersion}`;
  const headers = { authorization: `Bearer ${settings.accessToken}` };
  return (message, signal) => {
    const { phone_number_id: from, body, ...recipient } = JSON.parse(message);
    return callVendor(
      {
        vendor: "WhatsApp",
        method: "POST",
        url: `${base}/${encodeURIComponent(from)}/messages`,
        headers,
        body: {
          messaging_product: "whatsapp",
          ...recipient,
          type: "text",
          text: { preview_url: false, body },
        },
      },
      judge,
      signal,
    );
  };
}

function judge(answer: VendorAnswer): Sent | null {
  const error = partlyOf(answer.json).at("error");
  const code = error.number("code");
  if (answer.status < 400 || code === null) return null;
  const words = [error.text("message"), error.at("error_data").text("details")];
  const reason = reasonOf("WhatsApp", answer, words.filter((part) => part !== null).join(": "));
  return FINAL.has(code) && !(code === 100 && error.number("error_subcode") === NO_ACCESS)
    ? { kind: "refused", reason }
    : { kind: "later", reason, retryAfterMs: answer.retryAfterMs };
}
