import { z } from "zod";

/** The parts of Telegram's `Update` that Chela reads: https://core.telegram.org/bots/api#update */
const messageSchema = z.looseObject({
  message_id: z.number().int(),
  chat: z.looseObject({ id: z.number().int() }),
  text: z.string().optional(),
  caption: z.string().optional(),
  message_thread_id: z.number().int().optional(),
  is_topic_message: z.boolean().optional(),
});
const updateSchema = z.looseObject({
  update_id: z.number().int(),
  message: messageSchema.optional(),
  channel_post: messageSchema.optional(),
});

/** What a message without text holds, as the assistant is told. */
const CONTENTS = [
  "photo",
  "video",
  "voice",
  "audio",
  "animation",
  "video_note",
  "document",
  "sticker",
  "location",
  "venue",
  "contact",
  "poll",
  "dice",
] as const;

export interface Update {
  readonly id: string;
  /** Null: a notice that needs no answer (an edit, a member who joined, …). */
  readonly message: { chat: number; thread: number | null; text: string } | null;
}

/** Null: this is no update. */
export function updateOf(body: Record<string, unknown>): Update | null {
  const parsed = updateSchema.safeParse(body);
  if (!parsed.success) return null;
  const id = String(parsed.data.update_id);
  const message = parsed.data.message ?? parsed.data.channel_post;
  if (message === undefined) return { id, message: null };
  const text = message.text ?? summaryOf(message);
  if (text === null) return { id, message: null };
  const thread = message.is_topic_message === true ? (message.message_thread_id ?? null) : null;
  return { id, message: { chat: message.chat.id, thread, text } };
}

function summaryOf(message: z.output<typeof messageSchema>): string | null {
  const content = CONTENTS.find((name) => message[name] !== undefined);
  if (content === undefined) return message.caption ?? null;
  const label = `[${content.replace("_", " ")}]`;
  return message.caption === undefined ? label : `${label} ${message.caption}`;
}
