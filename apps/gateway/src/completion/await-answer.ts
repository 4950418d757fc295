import type { Clock } from "@chela/shared/clock/clock";
import type { ErrorCode } from "@chela/shared/errors/errors";
import type { InboundEvent, Stored } from "../inbox/event.ts";
import { SessionFeed, type SessionFeedDeps } from "../live/session-feed.ts";
import type { LiveMessage } from "../live/word.ts";

/** How often the history is looked at while nothing is heard: pub/sub may lose a word. */
const LOOK_EVERY_MS = 5_000;

export interface AwaitDeps {
  readonly clock: Clock;
  /** Holds the call briefly while Redis is away; what is missing then, or null. */
  readonly ready: () => Promise<ErrorCode | null>;
  readonly feed: SessionFeedDeps;
  readonly store: (event: InboundEvent) => Promise<Stored>;
  /** The newest committed answer to an event; throws when Redis does not answer. */
  readonly answerTo: (sessionKey: string, eventId: string) => Promise<LiveMessage | null>;
  readonly answerTimeoutMs: number;
}

/** Watches the answer being made. */
export interface Watcher {
  onStored(outcome: "accepted" | "duplicate"): void;
  onPiece(text: string): void;
  /** The pieces so far are void. */
  onReset(): void;
}

export type Awaited =
  /** Committed: an assistant's message, or an error. */
  | { readonly kind: "answered"; readonly message: LiveMessage }
  | { readonly kind: "refused"; readonly code: ErrorCode }
  /** The caller went away; the turn goes on without it. */
  | { readonly kind: "gone" };

/**
 * Stores an event and waits for its committed answer, wherever it is processed. First follows the session, then
 * stores, so that no answer can pass unseen; an event that is stored already may have been answered before.
 */
export async function awaitAnswer(
  deps: AwaitDeps,
  event: InboundEvent,
  watcher: Watcher,
  gone: AbortSignal,
): Promise<Awaited> {
  const { clock, answerTimeoutMs } = deps;
  const { sessionKey, eventId } = event;
  const deadlineMs = clock.monotonicMs() + answerTimeoutMs;
  const missing = await deps.ready();
  if (missing !== null) return { kind: "refused", code: missing };

  let answer: LiveMessage | null = null;
  const heard = new AbortController();
  let feed: SessionFeed;
  try {
    feed = await SessionFeed.open(deps.feed, sessionKey, null, {
      onMessage(message) {
        if (message.event !== eventId || message.role === "user") return;
        answer = message;
        heard.abort();
      },
      onDelta(delta) {
        if (delta.event === eventId) watcher.onPiece(delta.text);
      },
      onReset(of) {
        if (of === eventId) watcher.onReset();
      },
    });
  } catch {
    return { kind: "refused", code: "redis-unreachable" };
  }
  try {
    const stored = await deps.store(event);
    if (stored.outcome === "unavailable") return { kind: "refused", code: stored.code };
    watcher.onStored(stored.outcome);
    if (stored.outcome === "duplicate") {
      const earlier = await deps.answerTo(sessionKey, eventId);
      if (earlier !== null) return { kind: "answered", message: earlier };
    }
    const over = AbortSignal.any([heard.signal, gone]);
    for (;;) {
      if (answer !== null) return { kind: "answered", message: answer };
      if (gone.aborted) return { kind: "gone" };
      const leftMs = deadlineMs - clock.monotonicMs();
      if (leftMs <= 0) return { kind: "refused", code: "turn-late" };
      await clock.sleep(Math.min(LOOK_EVERY_MS, leftMs), over);
      if (answer === null) void feed.readOn();
    }
  } catch {
    return { kind: "refused", code: "redis-unreachable" };
  } finally {
    feed.close();
  }
}
