import type { InboundEvent } from "../inbox/event.ts";

const ID_UNITS_MAX = 256;
const SESSION_KEY_UNITS_MAX = 600;
/** More than any vendor's longest message (Slack: 40,000 characters), so nothing real is refused. */
const TEXT_UNITS_MAX = 65_536;
const REPLY_UNITS_MAX = 4_096;

/** What a vendor's message comes to, as its channel read it. */
export interface Draft {
  readonly channel: string;
  /** What the vendor calls the conversation, widest first. */
  readonly session: readonly (string | number)[];
  readonly id: string;
  readonly text: string;
  readonly reply: object;
}

/**
 * A draft as it may be stored, within bounds and well-formed; null: something in it is empty or too long, and then
 * nothing of the request is stored. A lone surrogate has no UTF-8 form: it is made whole here, so that hash, key and
 * what is sent out agree on one spelling.
 */
export function boundedEvent(draft: Draft): InboundEvent | null {
  const event = {
    channel: draft.channel,
    sessionKey: [draft.channel, ...draft.session].join(":").toWellFormed(),
    eventId: draft.id.toWellFormed(),
    text: draft.text.toWellFormed(),
    reply: JSON.stringify(draft.reply),
    request: null,
  };
  const bounded =
    event.eventId !== "" &&
    event.eventId.length <= ID_UNITS_MAX &&
    draft.session.every((part) => part !== "") &&
    event.sessionKey.length <= SESSION_KEY_UNITS_MAX &&
    event.text.length <= TEXT_UNITS_MAX &&
    event.reply.length <= REPLY_UNITS_MAX;
  return bounded ? event : null;
}
