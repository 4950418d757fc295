import type { Clock } from "@chela/shared/clock/clock";
import type { ErrorCode } from "@chela/shared/errors/errors";
import { type InboundEvent, type Stored, WEB_CHANNEL } from "../inbox/event.ts";
import type { LeaseLoop } from "../lease/lease-loop.ts";
import type { AudienceDeps } from "./audience.ts";
import { SocketHub } from "./hub.ts";
import { createSocketDoor, type SocketDoor } from "./upgrade.ts";

export interface WebChatDeps {
  readonly clock: Clock;
  readonly tokens: readonly string[];
  readonly feed: Pick<AudienceDeps, "follow" | "history">;
  readonly store: (event: InboundEvent) => Promise<Stored>;
  readonly onStored: (outcome: Stored["outcome"]) => void;
  readonly lease: Pick<LeaseLoop, "draining" | "hasBetter">;
  readonly leaving: () => boolean;
  /** The fleet's number of shards; null while unknown. */
  readonly shards: () => number | null;
  /** Why nothing can be stored now; null when it can. */
  readonly redisTrouble: () => string | null;
}

/** Web chat, put together: the sockets and their door. */
export function createWebChat(deps: WebChatDeps): { hub: SocketHub; door: SocketDoor } {
  const { clock, tokens, feed, lease, leaving } = deps;
  const mustLeave = () => leaving() || (lease.draining() && lease.hasBetter());

  const hub = new SocketHub({
    clock,
    ...feed,
    async store(sessionKey, { id, text }) {
      const of = { channel: WEB_CHANNEL, sessionKey, eventId: id, text };
      const stored = await deps.store({ ...of, reply: "", request: null });
      deps.onStored(stored.outcome);
      return stored;
    },
    mustLeave,
  });
  const unavailable = (): ErrorCode | null => {
    if (mustLeave()) return "stopping";
    if (deps.redisTrouble() !== null) return "redis-unreachable";
    return deps.shards() === null ? "fleet-unknown" : null;
  };
  return { hub, door: createSocketDoor({ hub, tokens, unavailable }) };
}
