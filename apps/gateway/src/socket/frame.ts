import type { ClientFrame, MessageFrame, ServerFrame } from "@chela/chat-client/protocol";
import { errorBody, type Refusal } from "@chela/shared/errors/errors";
import type { LiveMessage } from "../live/word.ts";

const TEXT_BYTES_MAX = 65_536;
const NAME_CHARACTERS_MAX = 256;
/** JSON may write each byte as an escape of six, each character of an id as one of twelve. */
export const FRAME_BYTES_MAX = 6 * TEXT_BYTES_MAX + 12 * NAME_CHARACTERS_MAX + 256;

export type ClientWord =
  | { readonly ok: true; readonly frame: ClientFrame }
  | { readonly ok: false; readonly refusal: Refusal; readonly replyTo: string | null };

/** What a client says, or why it cannot be taken; `replyTo` where at least an id could be read. */
export function readFrame(bytes: Buffer, isBinary: boolean): ClientWord {
  if (isBinary) return refused({ code: "message-invalid", detail: "It came as a binary frame." });
  const said = objectOf(bytes);
  const id = said?.["id"];
  if (typeof id !== "string" || !isName(id)) return refused({ code: "message-invalid" });
  const text = said?.["text"];
  if (said?.["type"] !== "message" || typeof text !== "string") {
    return refused({ code: "message-invalid" }, id);
  }
  if (Buffer.byteLength(text) > TEXT_BYTES_MAX) return refused({ code: "text-too-large" }, id);
  return { ok: true, frame: { type: "message", id, text: text.toWellFormed() } };
}

/**
 * An id or a session's name: 1 to 256 characters. A lone surrogate has no UTF-8 form, so it would be stored as
 * something else than what its sender waits for.
 */
export function isName(text: string): boolean {
  if (text === "" || text.length > 2 * NAME_CHARACTERS_MAX || !text.isWellFormed()) return false;
  return text.length <= NAME_CHARACTERS_MAX || [...text].length <= NAME_CHARACTERS_MAX;
}

export function messageFrame({ eventId, role, text, event }: LiveMessage): MessageFrame {
  const message = { type: "message", eventId, role, text } as const;
  return role === "user" ? { ...message, id: event } : { ...message, replyTo: event };
}

export function errorFrame(refusal: Refusal, replyTo: string | null): ServerFrame {
  const { error } = errorBody(refusal);
  return { type: "error", ...error, ...(replyTo === null ? {} : { replyTo }) };
}

export function encode(frame: ServerFrame): Buffer {
  return Buffer.from(JSON.stringify(frame));
}

function refused(refusal: Refusal, replyTo: string | null = null): ClientWord {
  return { ok: false, refusal, replyTo };
}

function objectOf(bytes: Buffer): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(bytes.toString());
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
