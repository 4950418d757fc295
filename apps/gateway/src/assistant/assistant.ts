import type { CallerRequest } from "../inbox/event.ts";
import type { Finding } from "./breaker.ts";

/** A stored message of the session, as the assistant is shown it. */
export interface Said {
  readonly role: "user" | "assistant";
  readonly text: string;
}

export interface Turn {
  readonly sessionKey: string;
  readonly text: string;
  /** Set: the caller brought its own conversation, which is answered instead of `history` and `text`. */
  readonly request: CallerRequest | null;
  /** Takes each piece of the answer as it comes, for callers that watch. What counts is the whole answer. */
  delta(text: string): void;
  /** The session's last messages before this one, oldest first; read only by assistants that need them. */
  history(messagesMax: number): Promise<Said[]>;
}

/** What a caller of `/v1` is told about an answer beside its text, as far as the assistant said so. */
export interface Ending {
  /** OpenAI's `finish_reason`: `stop`, `length`, `content_filter`. */
  readonly finish: string;
  /** OpenAI's `usage`, as the endpoint gave it; null: it gave none. */
  readonly usage: Readonly<Record<string, unknown>> | null;
}

export type Answer =
  | { readonly kind: "reply"; readonly text: string; readonly ending?: Ending }
  /** It will never answer this: the session is told why. */
  | { readonly kind: "refused"; readonly text: string }
  /** It tried and failed: another attempt may help, a few of them are made. */
  | { readonly kind: "failed"; readonly reason: string }
  /**
   * It broke off when part of the answer had come. Not tried again: it would say something else, and do again
   * whatever it did on the way. The session is told.
   */
  | { readonly kind: "broken"; readonly reason: string }
  /** It cannot be reached or takes nothing now: uses up no attempt. */
  | {
      readonly kind: "later";
      readonly reason: string;
      readonly finding: Exclude<Finding, "worked" | "answering">;
      readonly retryAfterMs: number | null;
    };

/** What answers messages. Neither method throws; both give up when `signal` is aborted. */
export interface Assistant {
  answer(turn: Turn, signal: AbortSignal): Promise<Answer>;
  /** Whether it can be reached; asked now and then. */
  reachable(signal: AbortSignal): Promise<boolean>;
}
