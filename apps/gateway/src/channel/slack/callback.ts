import { z } from "zod";
import { type Partly, partlyOf } from "../tolerant.ts";
import { plainOf } from "./escaping.ts";

/**
 * The parts of Slack's Events API that Chela reads: https://docs.slack.dev/apis/events-api and
 * https://docs.slack.dev/reference/events/message
 */
const verificationSchema = z.looseObject({
  type: z.literal("url_verification"),
  challenge: z.string().min(1).max(1_024),
});
const callbackSchema = z.looseObject({
  type: z.literal("event_callback"),
  event_id: z.string(),
  team_id: z.string(),
  event: z.looseObject({ type: z.string() }),
});
const messageSchema = z.looseObject({
  channel: z.string(),
  ts: z.string(),
  thread_ts: z.string().optional(),
});

/** Kinds of message that somebody wrote; every other one tells of something (edited, deleted, joined, …). */
const WRITTEN = [null, "file_share", "me_message", "thread_broadcast"];

export type Callback =
  | { readonly kind: "verification"; readonly challenge: string }
  /** Genuine, and nothing to answer. */
  | { readonly kind: "notice"; readonly id: string }
  | { readonly kind: "message"; readonly id: string; readonly message: SlackMessage };

interface SlackMessage {
  /** What makes it this message, however often and under whatever event ids Slack tells of it. */
  readonly identity: string;
  readonly team: string;
  readonly channel: string;
  readonly thread: string | null;
  readonly text: string;
}

/** Null: this is none of Slack's requests. */
export function callbackOf(body: Record<string, unknown>): Callback | null {
  const verification = verificationSchema.safeParse(body);
  if (verification.success) return { kind: "verification", challenge: verification.data.challenge };
  const callback = callbackSchema.safeParse(body);
  if (!callback.success) {
    // Slack tells that it holds events back; there is nobody to answer.
    return body["type"] === "app_rate_limited" ? { kind: "notice", id: "app_rate_limited" } : null;
  }
  const { event_id: id, team_id: team, event } = callback.data;
  const text = isWritten(event.type, partlyOf(event)) ? textOf(partlyOf(event)) : null;
  if (text === null) return { kind: "notice", id };
  const message = messageSchema.safeParse(event);
  if (!message.success) return null;
  const { channel, ts, thread_ts: thread = null } = message.data;
  const twice = event.type === "app_mention" || text.includes("<@");
  const identity = twice ? `mention:${ts}` : id;
  return { kind: "message", id, message: { identity, team, channel, thread, text: plainOf(text) } };
}

function isWritten(type: string, event: Partly): boolean {
  if (type !== "message" && type !== "app_mention") return false;
  // What bots say is never answered, our own least of all: two of them would talk for ever.
  if (event.text("bot_id") !== null) return false;
  return WRITTEN.includes(event.text("subtype"));
}

function textOf(event: Partly): string | null {
  const files = event
    .at("files")
    .each()
    .map((file) => `[file] ${file.text("name") ?? ""}`.trim());
  const text = [...files, event.text("text") ?? ""].filter((part) => part !== "").join(" ");
  return text === "" ? null : text;
}
