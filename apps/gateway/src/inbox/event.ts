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
