import { z } from "zod";
import { partlyOf } from "../tolerant.ts";

/**
 * The parts of Meta's webhook that Chela reads:
 * https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages
 */
const messageSchema = z.looseObject({
  id: z.string(),
  type: z.string(),
  /** The sender's phone number; left out for users who show a username instead. */
  from: z.string().optional(),
  /** The same user's id towards this business. */
  from_user_id: z.string().optional(),
  group_id: z.string().optional(),
});
type Message = z.output<typeof messageSchema>;

const valueSchema = z.looseObject({
  metadata: z.looseObject({ phone_number_id: z.string() }).optional(),
  messages: z.array(messageSchema).default([]),
  statuses: z.array(z.looseObject({ id: z.string() })).default([]),
});
const changeSchema = z.looseObject({ field: z.literal("messages"), value: valueSchema });
/** What else an app may have subscribed to: accepted, of no interest here. */
const otherSchema = z.looseObject({ field: z.string().refine((field) => field !== "messages") });
const notificationSchema = z.looseObject({
  object: z.literal("whatsapp_business_account"),
  entry: z.array(
    z.looseObject({ id: z.string(), changes: z.array(z.union([changeSchema, otherSchema])) }),
  ),
});

/** Where an answer goes, as the messages API wants it. */
type Recipient =
  | { readonly to: string; readonly recipient_type: "individual" | "group" }
  | { readonly recipient: string; readonly recipient_type: "individual" };

interface Received {
  readonly id: string;
  readonly phoneNumberId: string;
  /** Who it is answered to: a phone number, a user id or a group. */
  readonly partner: string;
  readonly recipient: Recipient;
  readonly text: string;
}

export interface Notification {
  /** Of the first message, else of the first receipt, else of the account. */
  readonly id: string;
  /** What wants an answer. */
  readonly messages: readonly Received[];
  /** Messages in it, answered or not. */
  readonly count: number;
}

/** Null: this is no notification of WhatsApp's. */
export function notificationOf(body: Record<string, unknown>): Notification | null {
  const parsed = notificationSchema.safeParse(body);
  if (!parsed.success) return null;
  const { entry } = parsed.data;
  const values = entry.flatMap(({ changes }) =>
    changes.flatMap((change) => (isMessages(change) ? [change.value] : [])),
  );
  const messages: Received[] = [];
  let count = 0;
  for (const { metadata, messages: received } of values) {
    count += received.length;
    for (const message of received) {
      const text = textOf(message);
      if (text === null) continue;
      const who = partnerOf(message);
      if (metadata === undefined || who === null) return null;
      messages.push({ id: message.id, phoneNumberId: metadata.phone_number_id, ...who, text });
    }
  }
  const first =
    values.flatMap(({ messages }) => messages)[0] ?? values.flatMap(({ statuses }) => statuses)[0];
  return { id: first?.id ?? entry[0]?.id ?? "", messages, count };
}

type Change = z.output<typeof changeSchema>;

function isMessages(change: Change | z.output<typeof otherSchema>): change is Change {
  return change.field === "messages";
}

function partnerOf(message: Message): Pick<Received, "partner" | "recipient"> | null {
  const { group_id: group, from, from_user_id: user } = message;
  if (group !== undefined) {
    return { partner: group, recipient: { to: group, recipient_type: "group" } };
  }
  if (from !== undefined) {
    return { partner: from, recipient: { to: from, recipient_type: "individual" } };
  }
  if (user !== undefined) {
    return { partner: user, recipient: { recipient: user, recipient_type: "individual" } };
  }
  return null;
}

const MEDIA = ["image", "video", "audio", "voice", "document", "sticker"];

/** What the assistant is told; null: it wants no answer (a reaction, a changed number, what Meta could not read). */
function textOf(message: Message): string | null {
  const { type } = message;
  const content = partlyOf(message[type]);
  if (MEDIA.includes(type)) {
    return joined(`[${type}]`, content.text("filename"), content.text("caption"));
  }
  switch (type) {
    case "text":
      return content.text("body");
    case "button":
      return content.text("text");
    case "interactive":
      return interactiveOf(content);
    case "location":
      return joined(
        "[location]",
        content.text("name"),
        content.text("address"),
        coordinatesOf(content),
      );
    case "contacts":
      return joined(
        "[contact]",
        ...content.each().map((one) => one.at("name").text("formatted_name")),
      );
    case "order":
      return joined("[order]", content.text("text"));
    default:
      return null;
  }
}

type Partly = ReturnType<typeof partlyOf>;

/** A tapped button or list row says its title; a form its filled-in JSON. */
function interactiveOf(content: Partly): string | null {
  const button = content.at("button_reply").text("title") ?? content.at("list_reply").text("title");
  if (button !== null) return button;
  const form = content.at("nfm_reply").text("response_json");
  return form === null ? null : `[form] ${form}`;
}

function coordinatesOf(content: Partly): string | null {
  const [latitude, longitude] = [content.number("latitude"), content.number("longitude")];
  return latitude === null || longitude === null ? null : `(${latitude}, ${longitude})`;
}

function joined(...parts: readonly (string | null)[]): string {
  return parts.filter((part) => part !== null && part !== "").join(" ");
}
