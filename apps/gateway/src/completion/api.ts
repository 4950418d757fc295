import { randomUUID } from "node:crypto";
import type { Clock } from "@chela/shared/clock/clock";
import type { ErrorCode } from "@chela/shared/errors/errors";
import { isOneOf } from "../http/bearer.ts";
import type { InboundEvent, Stored } from "../inbox/event.ts";
import type { SessionFeedDeps } from "../live/session-feed.ts";
import type { LiveMessage } from "../live/word.ts";
import type { GatewaySettings } from "../settings.ts";
import { type CallOutcome, Completions } from "./completions.ts";

/** The session of a caller who gives no `user` ends so soon. */
export const NAMELESS_TTL_SECONDS = 3_600;

export interface ApiDeps {
  readonly clock: Clock;
  readonly settings: GatewaySettings;
  readonly feed: Omit<SessionFeedDeps, "clock">;
  /** The newest answer to an event of a session; null: none is committed. */
  readonly answerTo: (sessionKey: string, event: string) => Promise<LiveMessage | null>;
  readonly store: (event: InboundEvent) => Promise<Stored>;
  /** Holds a call briefly while Redis is away; false: still away. */
  readonly redisReady: () => Promise<boolean>;
  /** The fleet's number of shards; null while unknown. */
  readonly shards: () => number | null;
  readonly onCall: (call: CallOutcome) => void;
}

/** `/v1`, put together. */
export function createApi(deps: ApiDeps): Completions {
  const { clock, settings, feed, answerTo, store, onCall } = deps;
  const { clients, assistant } = settings;
  const ready = async (): Promise<ErrorCode | null> => {
    if (!(await deps.redisReady())) return "redis-unreachable";
    return deps.shards() === null ? "fleet-unknown" : null;
  };
  return new Completions({
    clock,
    ready,
    feed: { clock, ...feed },
    store,
    answerTo,
    // Without clients nobody gets so far.
    answerTimeoutMs: clients?.answerTimeoutMs ?? 0,
    bodyBytesMax: clients?.bodyBytesMax ?? 0,
    isClient: clients === undefined ? null : isOneOf(clients.token),
    model: assistant.type === "openai" ? assistant.model : "echo",
    randomId: randomUUID,
    // Never before the mark that its event was seen: whoever repeats a request finds the answer.
    namelessTtlSeconds: Math.max(NAMELESS_TTL_SECONDS, settings.webhook.deduplicationTTL ?? 0),
    onCall,
  });
}
