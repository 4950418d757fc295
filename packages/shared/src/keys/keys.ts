/**
 * Every Redis key of a fleet, in one place. Layout version 1.
 *
 * All keys of one shard share the hash tag `{<fleet>:<shard>}`, so that any script over them stays
 * inside one Redis Cluster slot; fleet-wide keys share `{<fleet>}`. `prefix` is the configuration's
 * `keyPrefix` (default `openclaw:`); clients must not add another one of their own.
 */
export const KEY_LAYOUT_VERSION = 1;
export const DEFAULT_KEY_PREFIX = "openclaw:";

export interface FleetKeys {
  /** Hash, the control record: see fleet/control.ts. */
  readonly control: string;
  /** Hash, field `<name>/<incarnation>` → JSON member record: see lease/schema.ts. */
  readonly members: string;
  /** Pub/sub channel; any message means "look again now". Payload: a short word for the log. */
  readonly wake: string;
  /** Hash for one minute (minutes since 1970), field `<channel>:<outcome>` → count; expires after 25 h. */
  counts(minute: number): string;
}

export function fleetKeys(prefix: string, fleet: string): FleetKeys {
  const base = `${prefix}{${fleet}}:`;
  return {
    control: `${base}control`,
    members: `${base}members`,
    wake: `${base}wake`,
    counts: (minute) => `${base}counts:${minute}`,
  };
}

export interface ShardKeys {
  /** Hash `holder, incarnation, epoch, beat`; absent = free. */
  readonly lease: string;
  /** Integer, the highest epoch ever granted; never deleted, never lowered. */
  readonly epoch: string;
  /** Hash `generation, to, deadlineMs` (Redis time): a planned hand-over; a higher generation replaces it. */
  readonly handover: string;
  /** Stream of accepted, not yet committed events. An entry stands here exactly as long as it is not committed. */
  readonly inbox: string;
  /** Hash inbox entry id → times a turn was begun. */
  readonly attempts: string;
  /** Sorted set session key → expiry (ms): counting sessions is a ZCOUNT. */
  readonly sessions: string;
  /** Stream of replies to send through a vendor's API. */
  readonly outbox: string;
  /** Stream of events that were given up. */
  readonly dead: string;
  /** Pub/sub channel of deltas and messages for connected callers. */
  readonly live: string;
  /** Hash `channel, createdAt, lastAt, messages, gateway, epoch`: what a list of sessions shows. */
  session(sessionKey: string): string;
  /** Stream with explicit ids `<epoch>-<n>`, fields `role, text, gateway, at, previous`. */
  history(sessionKey: string): string;
  /** String: an event that was accepted within the dedupe TTL. */
  dedupe(channel: string, sessionKey: string, eventId: string): string;
}

export function shardKeys(prefix: string, fleet: string, shard: number): ShardKeys {
  const base = `${prefix}{${fleet}:${shard}}:`;
  return {
    lease: `${base}lease`,
    epoch: `${base}epoch`,
    handover: `${base}handover`,
    inbox: `${base}inbox`,
    attempts: `${base}attempts`,
    sessions: `${base}sessions`,
    outbox: `${base}outbox`,
    dead: `${base}dead`,
    live: `${base}live`,
    session: (sessionKey) => `${base}session:${sessionKey}`,
    history: (sessionKey) => `${base}history:${sessionKey}`,
    // JSON keeps the three parts apart whatever characters they hold.
    dedupe: (channel, sessionKey, eventId) =>
      `${base}dedupe:${JSON.stringify([channel, sessionKey, eventId])}`,
  };
}
