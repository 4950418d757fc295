import type { ErrorCode } from "@chela/shared/errors/errors";

/** A webhook event as its channel understood it. Its identity: channel + session key + event id. */
export interface InboundEvent {
  readonly channel: string;
  /** `<channel>:<whatever the channel calls a conversation>`; decides the shard. */
  readonly sessionKey: string;
  readonly eventId: string;
  readonly text: string;
  /** Where the channel sends the answer to, its own JSON; empty where nothing is sent out. */
  readonly reply: string;
  /** What an HTTP caller asked beyond the text; null for everybody else. */
  readonly request: CallerRequest | null;
}

/** A caller of `/v1` brings the whole conversation along: it is answered on that, not on the session's history. */
export interface CallerRequest {
  /** As the caller sent them, in the shape of OpenAI's API; the last user message is the event's text. */
  readonly messages: readonly CallerMessage[];
  /** Settings that are passed on to the assistant: `temperature`, `max_tokens`, … */
  readonly options: Readonly<Record<string, unknown>>;
  /** The session ends so long after this turn; null: as configured. */
  readonly sessionTtlSeconds: number | null;
}

export interface CallerMessage {
  readonly role: string;
  /** Text, or OpenAI's list of parts. */
  readonly content: unknown;
}

/** Channels without a vendor: their callers are connected to some gateway and follow their session there. */
export const WEB_CHANNEL = "web";
export const API_CHANNEL = "api";

export function isFollowed({ channel }: Pick<InboundEvent, "channel">): boolean {
  return channel === WEB_CHANNEL || channel === API_CHANNEL;
}

/** An event that stands in a shard's inbox. */
export interface InboxEntry extends InboundEvent {
  /** Stream id. */
  readonly id: string;
}

export type Stored =
  | { readonly outcome: "accepted" }
  | { readonly outcome: "duplicate" }
  /** Not stored, as far as we know: the provider must send it again. */
  | { readonly outcome: "unavailable"; readonly code: ErrorCode };
