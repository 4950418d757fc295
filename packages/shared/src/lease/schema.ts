import { z } from "zod";

/**
 * The lease protocol as it stands in Redis. Gateways write leases (apps/gateway/src/lease/lua); console and agent
 * write the few things named below, by scripts of their own, and nothing else. Every script here touches the keys
 * of one Redis Cluster slot only: `keys.control`, `keys.members` are one slot, each shard is another.
 *
 * Waking: `PUBLISH keys.wake <word>` makes every gateway look again at once. It is a hint: a lost one costs up to
 * `observeEveryMs`, never correctness. Publish after the last write, once.
 *
 * GENERATION is what makes a preference a command, once. `control.generation` is raised by each write of the
 * control record; every lease carries the generation under which its holder was last confirmed. While some live
 * lease carries another generation than the control record, the order of `control.preferred` is obeyed: a holder
 * that is not the one wanted hands its shards over, a holder that is stamps its leases with the new generation
 * (also when the wanted one is dead, or worse: draining, assistant down). Once stamped, the holders of today stay,
 * whoever is preferred: so a gateway that returns after a failover takes nothing back by itself.
 *
 * CONSOLE, create the control record (HSET of all fields of fleet/control.ts, as strings): only when it does not
 * exist; generation = 1 + the highest that the console remembers (1 for a new fleet). Then wake.
 *
 * CONSOLE, change (step 1 of a switchover and of a forced failover; mode, actives, canary, pause; slot of `control`),
 * atomically:
 *   `controller` is higher than my epoch → "stale", change nothing: another console acts now;
 *   `operation` is mine already → "done", change nothing;
 *   `generation` is not the one the plan saw → "superseded", change nothing;
 *   else HSET preferred (JSON array; a switchover: the candidate first), what else changes, generation + 1, operation,
 *   controller. Then wake.
 * Every write of the control record is such a command: one for another reason (mode, actives) must put the holders of
 * that moment first in `preferred`, or it moves shards back to whoever was preferred before the last failover.
 * A controller that begins announces its epoch: field `controller` there, key `controller` of every shard; a hand-over
 * or fence under a lower one than its shard's is refused.
 * From here on the gateways complete it alone, also if the console dies: without a handover record the holder uses
 * its own time limit. A console that gives a switchover up afterwards must write the preference back (generation + 1).
 *
 * CONSOLE, handover (step 2; once per shard, slot of the shard), after `change`, with the generation `change` wrote:
 *   stored generation ≥ mine → change nothing; else HSET handover generation, to = candidate's name,
 *   deadlineMs = Redis TIME in ms + allowed time. Wake once after the last shard.
 * Past `deadlineMs` the holder's renewals are refused while its lease carries a lower generation and `to` is
 * another name. Never deleted: it has no effect once leases carry its generation. Deadline 1 s to 60 s.
 * The switchover is complete when every lease has holder = candidate; a shard whose lease is absent is on its way.
 *
 * CONSOLE, fence (forced failover; per shard, slot of the shard), after `change`, atomically:
 *   lease present and its (holder, incarnation) is not the fenced one → "not-held", change nothing;
 *   SET epoch = max(epoch key, lease's epoch, the console's own high-water mark) + 1  (so the fenced one's epoch is
 *   below every epoch to come), DEL lease, HSET handover {generation of `change`, to, deadlineMs = now + 5 s}.
 *   Wake once after the last shard. Never write a lease: only the gateway that will process acquires.
 * The fenced gateway's next commit, renewal and release answer "not mine".
 *
 * AGENT, release-dead (a container died; incarnation noted while it lived), in this order:
 *   1. HDEL members `<name>/<incarnation>` — first: while that record stands, the standby takes the dead one for
 *      alive and leaves its shards to it for up to a second;
 *   2. per shard: lease has exactly this holder and incarnation → DEL lease. Never touch epoch or handover;
 *   3. wake, once, also when nothing was deleted.
 *   None of it while the control record says `paused`: then its leases run out by themselves.
 *
 * Readers: a lease that is present may still be dead. Only a `beat` that moves proves life; a role on a screen is
 * what the gateway itself reports, a lease is only where the shard was last.
 */

/** A shard's lease as it stands in Redis (hash `keys.lease`). */
export const leaseSchema = z.object({
  holder: z.string(),
  incarnation: z.string(),
  epoch: z.coerce.number().int(),
  /** Raised by each renewal; a lease whose beat stands still for a TTL on the observer's clock is free. */
  beat: z.coerce.number().int(),
  /** Generation of the control record under which this holder was last confirmed. */
  generation: z.coerce.number().int(),
});
export type Lease = z.infer<typeof leaseSchema>;

/** A planned hand-over of one shard (hash `keys.handover`). */
export const handoverSchema = z.object({
  generation: z.coerce.number().int(),
  to: z.string(),
  /** Redis time, ms: past it the holder's renewals are refused. */
  deadlineMs: z.coerce.number(),
});
export type Handover = z.infer<typeof handoverSchema>;

/**
 * A shard went from a live holder to another gateway because its assistant was down, or to spread the load; nobody had
 * ordered it. The last ones stand in the field `moves` of hash `keys.handover`, see flapping.ts.
 */
export interface Move {
  /** Redis time, ms. */
  readonly atMs: number;
  /** Of the control record under which it was held. */
  readonly generation: number;
}

/** One start of one gateway, as it reports itself (JSON in hash `keys.members`, field `<name>/<incarnation>`). */
export const memberSchema = z.object({
  name: z.string(),
  incarnation: z.string(),
  beat: z.number().int(),
  version: z.string(),
  weight: z.number(),
  draining: z.boolean(),
  assistantUp: z.boolean(),
  tilt: z.boolean(),
  inFlight: z.number().int(),
  /** Redis time of its first heartbeat, ms: of two incarnations of one name the later start counts. */
  since: z.number(),
  /** Redis time of this heartbeat, ms. */
  at: z.number(),
});
export type Member = z.infer<typeof memberSchema>;

/** Field of a member in `keys.members`. */
export const memberField = (name: string, incarnation: string): string => `${name}/${incarnation}`;

/** Times of the lease protocol, milliseconds. */
export interface LeaseTimes {
  readonly ttlMs: number;
  readonly renewEveryMs: number;
  readonly observeEveryMs: number;
  /** Stop working this long before the lease may have ended. */
  readonly marginMs: number;
}
export const DEFAULT_LEASE_TIMES: LeaseTimes = {
  ttlMs: 2_000,
  renewEveryMs: 667,
  observeEveryMs: 200,
  marginMs: 200,
};
/** A member whose beat stands still this long on the observer's monotonic clock is not counted. */
export const MEMBER_TTL_MS = 2_000;
