import type { Outbound, Sent } from "../channel.ts";
import type { DiscordSettings } from "../channel-settings.ts";
import { partlyOf } from "../tolerant.ts";
import { callVendor, reasonOf, type VendorAnswer, waitOf } from "../vendor-call.ts";

/** One part of an answer. */
export interface Outgoing {
  readonly application: string;
  readonly token: string;
  /** When Discord signed the interaction, seconds: its token lives from then on. */
  readonly at: number;
  /** The first takes the place of "is thinking…", the others follow it. */
  readonly part: number;
  readonly content: string;
}

const TOKEN_LIFE_MS = 15 * 60_000;
/**
 * A quick answer may reach Discord before our "deferred" did; until then it knows no such message (10015, 10008).
 * Later than this it never will: somebody deleted it, or our "deferred" came too late.
 */
const SETTLING_MS = 10_000;
const SETTLING_RETRY_MS = 500;

/** Sends by the interaction's token; nobody is notified because an assistant wrote a name. */
export function discordSender(settings: DiscordSettings, nowMs: () => number): Outbound["send"] {
  const base = `${settings.apiBaseUrl.replace(/\/+$/, "")}/webhooks`;
  return async (message, signal) => {
    const { application, token, at, part, content } = JSON.parse(message) as Outgoing;
    const ageMs = nowMs() - at * 1_000;
    if (ageMs > TOKEN_LIFE_MS) {
      const reason = "Discord takes answers for 15 minutes, and the interaction is older than that";
      return { kind: "refused", reason };
    }
    const webhook = `${base}/${encodeURIComponent(application)}/${encodeURIComponent(token)}`;
    const body = { content, allowed_mentions: { parse: [] } };
    const how =
      part === 0
        ? ({ method: "PATCH", url: `${webhook}/messages/@original` } as const)
        : ({ method: "POST", url: webhook } as const);
    return callVendor(
      { vendor: "Discord", ...how, body },
      (answer) => judge(answer, ageMs),
      signal,
    );
  };
}

/** https://discord.com/developers/docs/topics/opcodes-and-status-codes#json */
function judge(answer: VendorAnswer, ageMs: number): Sent | null {
  const { status, json, retryAfterMs } = answer;
  const words = partlyOf(json);
  const reason = reasonOf("Discord", answer, words.text("message"));
  switch (status) {
    case 404:
      if (ageMs < SETTLING_MS) return { kind: "later", reason, retryAfterMs: SETTLING_RETRY_MS };
      return { kind: "refused", reason };
    // The token in the address is the whole right to answer; none of ours can be wrong.
    case 400:
    case 401:
    case 403:
      return { kind: "refused", reason };
    case 429:
      // The body has fractions of a second, the header only whole ones.
      return {
        kind: "later",
        reason,
        retryAfterMs: waitOf(words.number("retry_after")) ?? retryAfterMs,
      };
    default:
      return null;
  }
}
