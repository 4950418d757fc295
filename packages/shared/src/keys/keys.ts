/**
 * Every Redis key of a fleet, in one place. Layout version 1.
 *
 * All keys of one shard share the hash tag `{<fleet>:<shard>}`, so that any script over them stays
 * inside one Redis Cluster slot; fleet-wide keys share `{<fleet>}`. `prefix` is the configuration's
 * `keyPrefix` (default `openclaw:`); clients must not add another one of their own.
 */
export const KEY_LAYOUT_VERSION = 1;
export const DEFAULT_KEY_PREFIX = "openclaw:";

/** On the wake channel: a dead letter went back into some outbox, so the holders look there too. */
export const OUTBOX_WORD = "outbox";

export interface FleetKeys {
  /** Hash, the control record: see fleet/control.ts. */
  readonly control: string;
  /** Hash, field `<name>/<incarnation>` → JSON member record: see lease/schema.ts. */
  readonly members: string;
  /** Pub/sub channel; any message means "look again now". Payload: a short word, see OUTBOX_WORD. */
  readonly wake: string;
  /**
   * Hash for one minute (Redis time, minutes since 1970), field `<channel>:<outcome>` → count; expires after 25 h.
   * Outcome: `accepted | duplicate | rejected | unavailable`; channel `unknown` for paths that name none of ours.
   * Each gateway adds its own counts once a second.
   */
  counts(minute: number): string;
  /**
   * Sorted set for one quarter of an hour (Redis time, quarters since 1970): JSON `[channel, session key, event id]` →
   * how often that event came again, at least. Trimmed to the most frequent, expires after 25 h. Each gateway adds
   * its own once a second.
   */
  duplicates(quarter: number): string;
}

export function fleetKeys(prefix: string, fleet: string): FleetKeys {
  const base = `${prefix}{${fleet}}:`;
  return {
    control: `${base}control`,
    members: `${base}members`,
    wake: `${base}wake`,
    counts: (minute) => `${base}counts:${minute}`,
    duplicates: (quarter) => `${base}duplicates:${quarter}`,
  };
}

export interface ShardKeys {
  /** Hash `holder, incarnation, epoch, beat, generation`; absent = free. */
  readonly lease: string;
  /** Integer, the highest epoch ever granted; never deleted, never lowered. */
  readonly epoch: string;
  /** Hash `generation, to, deadlineMs` (Redis time): a planned hand-over; a higher generation replaces it. */
  readonly handover: string;
  /** Integer, epoch of the last console's controller that wrote here: an earlier one's hand-over or fence is refused. */
  readonly controller: string;
  /**
   * Stream of accepted, not yet committed events. An entry stands here exactly as long as it is not committed.
   * Fields `channel, session (session key), event (event id), text, reply (the channel's own JSON address, may be
   * empty), gateway (that accepted it), request (JSON of what an HTTP caller asked beyond the text; else empty)`. XLEN is the shard's backlog.
   */
  readonly inbox: string;
  /** String, empty: written right before WAIT where a replica must confirm, see apps/gateway/src/redis/redis-durability.ts. */
  readonly mark: string;
  /** Hash inbox entry id → times a turn was begun, less those given back by a planned hand-over. */
  readonly attempts: string;
  /**
   * Sorted set session key → expiry (Redis time, ms): counting live sessions is `ZCOUNT now +inf`. Ended ones may
   * stand here for a while: leave out scores below now.
   */
  readonly sessions: string;
  /** Stream of replies to send through a vendor's API: `channel, session, message` (the vendor's own JSON). */
  readonly outbox: string;
  /**
   * Hash outbox entry id → epoch under which a send of it began, or was about to. A claim of an earlier epoch that
   * still stands means: nobody knows whether that reply was sent. Gone with the entry.
   */
  readonly claims: string;
  /**
   * Stream of what was given up: `kind` (inbox: an event, its session shows an `error` message too; outbox: a reply),
   * `reason` (a stable code), `detail` (the vendor's words; may be missing), then every field of the entry as it stood
   * in the inbox or outbox. An operator puts it back from here, or discards it.
   */
  readonly dead: string;
  /**
   * Pub/sub channel for callers that are connected to some gateway (sessions `web:…` and `api:…` only): each commit
   * publishes both messages, each turn its answer piece by piece. See apps/gateway/src/live/word.ts.
   */
  readonly live: string;
  /**
   * Hash: what a list of sessions shows. `channel`; `createdAt`, `lastAt` (Redis time, ms); `messages`, how many were
   * committed (user's and answers; history keeps about the last `session.messagesMax`); `gateway` and `epoch` of the
   * last commit. Expires with the session.
   */
  session(sessionKey: string): string;
  /**
   * Stream with explicit ids `<epoch>-<n>`, oldest first; the id is the message's `eventId`, its first part the epoch.
   * Fields `role (user | assistant | error), text, gateway (that committed it), at (Redis time, ms), previous (id of
   * the message before, empty at the first)`; a user's message also `event` (the provider's event id), an answer
   * also `replyTo` (id of the user's message), the same `event`, and perhaps `ending` (JSON: how the answer ended). Read fields by name: more may follow. Expires with the session.
   */
  history(sessionKey: string): string;
  /** String (inbox entry id): an event that was accepted within the dedupe TTL; expires by itself. */
  dedupe(channel: string, sessionKey: string, eventId: string): string;
}

export function shardKeys(prefix: string, fleet: string, shard: number): ShardKeys {
  const base = `${prefix}{${fleet}:${shard}}:`;
  return {
    lease: `${base}lease`,
    epoch: `${base}epoch`,
    handover: `${base}handover`,
    controller: `${base}controller`,
    mark: `${base}mark`,
    inbox: `${base}inbox`,
    attempts: `${base}attempts`,
    sessions: `${base}sessions`,
    outbox: `${base}outbox`,
    claims: `${base}claims`,
    dead: `${base}dead`,
    live: `${base}live`,
    session: (sessionKey) => `${base}session:${sessionKey}`,
    history: (sessionKey) => `${base}history:${sessionKey}`,
    // JSON keeps the three parts apart whatever characters they hold.
    dedupe: (channel, sessionKey, eventId) =>
      `${base}dedupe:${JSON.stringify([channel, sessionKey, eventId])}`,
  };
}
