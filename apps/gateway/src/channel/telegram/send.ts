import type { Outbound, Sent } from "../channel.ts";
import type { TelegramSettings } from "../channel-settings.ts";
import { partlyOf } from "../tolerant.ts";
import { callVendor, reasonOf, type VendorAnswer, waitOf } from "../vendor-call.ts";

/** Sends by sendMessage: https://core.telegram.org/bots/api#making-requests */
export function telegramSender(settings: TelegramSettings): Outbound["send"] {
  const base = settings.apiBaseUrl.replace(/\/+$/, "");
  const url = `${base}/bot${settings.botToken}/sendMessage`;
  return (message, signal) =>
    callVendor(
      { vendor: "Telegram", method: "POST", url, body: JSON.parse(message) },
      judge,
      signal,
    );
}

function judge(answer: VendorAnswer): Sent | null {
  const { status, retryAfterMs } = answer;
  const words = partlyOf(answer.json);
  const reason = reasonOf("Telegram", answer, words.text("description"));
  if (status === 429) {
    const told = waitOf(words.at("parameters").number("retry_after"));
    return { kind: "later", reason, retryAfterMs: told ?? retryAfterMs };
  }
  // 401 and 404 mean a wrong bot token: the operator can correct it, so nothing is given up.
  return status === 400 || status === 403 ? { kind: "refused", reason } : null;
}
