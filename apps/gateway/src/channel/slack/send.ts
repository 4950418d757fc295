import type { Outbound, Sent } from "../channel.ts";
import type { SlackSettings } from "../channel-settings.ts";
import { partlyOf } from "../tolerant.ts";
import { callVendor, reasonOf, type VendorAnswer } from "../vendor-call.ts";
import { escapedOf } from "./escaping.ts";

/**
 * Errors after which the same message can never go out: https://docs.slack.dev/reference/methods/chat.postMessage#errors
 * Everything else (ratelimited, internal_error, invalid_auth, token_revoked, account_inactive, missing_scope, …) passes,
 * or an operator can correct it.
 */
const FINAL =
  /^(channel_not_found|not_in_channel|is_archived|is_inactive|msg_too_long|no_text|restricted_action.*|cannot_reply_to_message|message_not_found|thread_not_found|invalid_thread_ts|messages_tab_disabled|user_not_found|channel_type_not_supported|invalid_arguments)$/;
/** Slack failed halfway and says that part of it may have happened. */
const UNSURE = /^(fatal_error|internal_error|request_timeout)$/;

/** Sends by chat.postMessage, whose HTTP status is 200 whatever came of it: `ok` and `error` tell. */
export function slackSender(settings: SlackSettings): Outbound["send"] {
  const url = `${settings.apiBaseUrl.replace(/\/+$/, "")}/chat.postMessage`;
  const headers = { authorization: `Bearer ${settings.botToken}` };
  return (message, signal) => {
    const { text, ...where } = JSON.parse(message);
    const body = { ...where, text: escapedOf(text) };
    return callVendor({ vendor: "Slack", method: "POST", url, headers, body }, judge, signal);
  };
}

function judge(answer: VendorAnswer): Sent | null {
  if (answer.json?.["ok"] === true) return { kind: "sent" };
  const error = partlyOf(answer.json).text("error");
  if (error === null) {
    // A 200 that says neither ok nor error: taken or not, it is not Slack's answer.
    const mute = answer.status >= 200 && answer.status < 300;
    return mute ? { kind: "unknown", reason: reasonOf("Slack", answer, null) } : null;
  }
  const reason = reasonOf("Slack", answer, error);
  if (FINAL.test(error)) return { kind: "refused", reason };
  if (UNSURE.test(error)) return { kind: "unknown", reason };
  return { kind: "later", reason, retryAfterMs: answer.retryAfterMs };
}
