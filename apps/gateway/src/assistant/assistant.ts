import type { CallerRequest } from "../inbox/event.ts";

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

export type Answer =
  | { readonly kind: "reply"; readonly text: string }
  /** It will never answer this: the session is told why. */
  | { readonly kind: "refused"; readonly text: string }
  /** It tried and failed: another attempt may help, a few of them are made. */
  | { readonly kind: "failed"; readonly reason: string }
  /** It cannot be reached or takes nothing now: uses up no attempt. `up`: it lives, but wants us to wait. */
  | {
      readonly kind: "later";
      readonly reason: string;
      readonly up: boolean;
      readonly retryAfterMs: number | null;
    };

/** What answers messages. Neither method throws; both give up when `signal` is aborted. */
export interface Assistant {
  answer(turn: Turn, signal: AbortSignal): Promise<Answer>;
  /** Whether it can be reached; asked now and then while no turn tells. */
  reachable(signal: AbortSignal): Promise<boolean>;
}
