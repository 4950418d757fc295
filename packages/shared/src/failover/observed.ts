import type { Member } from "../lease/schema.ts";

/** Who was last seen to hold a shard. */
export interface Holding {
  holder: string;
  incarnation: string;
  epoch: number;
}

/** What is remembered from look to look, and over a restart of the console. */
export interface HoldingsSeen {
  atMs: number;
  /** By shard; the last one known, also while nobody holds it. */
  held: Record<string, Holding>;
}

/** What an agent told of a gateway. Times are the console's own: when it heard it. */
export interface Evidence {
  gateway: string;
  kind: "died" | "released" | "silent";
  atMs: number;
  detail: string;
}

/** What operations do just now, or did a moment ago. */
export interface Orders {
  /** Gateways that are stopped on purpose. */
  stopping: ReadonlySet<string>;
  /** Gateways that shards are moved away from on purpose; `everybody`: shards move to where they are wanted. */
  leaving: ReadonlySet<string> | "everybody";
  /** One runs, or has just ended. */
  any: boolean;
}

export interface Look {
  nowMs: number;
  /** By shard; null: nobody holds it. Only of a Redis that answered. */
  leases: readonly (Holding | null)[];
  /** Those whose heartbeat is fresh; `quietMs`: since the last one. */
  live: readonly (Pick<Member, "name" | "incarnation" | "assistantUp" | "draining"> & {
    quietMs: number;
  })[];
  evidence: readonly Evidence[];
  orders: Orders;
  /** The first look after a start: what happened since `HoldingsSeen.atMs` was not watched. */
  away: boolean;
}

/** Heartbeats come every two thirds of a second: whoever has missed one has not given anything away himself. */
const WILLING_MS = 1_200;

/** A failover that nobody ordered, once every shard has somebody again. */
export interface ObservedFailover {
  from: string;
  /** Most shards first. */
  to: string[];
  shards: number;
  /** The same for whoever sees it: a shard and the epoch under which it was taken over. */
  key: string;
  epoch: number;
  /** In words, about `from`. */
  cause: string;
  /** Null: not known, because the console was away. */
  detected: { atMs: number; detail: string } | null;
  fenced: { atMs: number; detail: string } | null;
  takenOverAtMs: number;
}

/**
 * Finds failovers in who holds what, from one look to the next. A shard moves by its holder's will, or after its lease
 * has ended; so whoever was left without a will of his own, and without an order, has failed over. Pure.
 * `settled`: every shard has somebody.
 */
export function observeHoldings(
  seen: HoldingsSeen,
  look: Look,
): { seen: HoldingsSeen; failovers: ObservedFailover[]; settled: boolean } {
  const held: Record<string, Holding> = {};
  const gone = new Map<string, { from: Holding; moved: { shard: number; to: Holding }[] }>();
  const waiting = new Set<string>();
  look.leases.forEach((lease, shard) => {
    const before = seen.held[shard];
    if (lease === null || !isLive(look, lease)) {
      // Nobody works it: it stays with whoever did until somebody takes it.
      const kept = before ?? lease;
      if (kept) {
        held[shard] = kept;
        waiting.add(nameOf(kept));
      }
      return;
    }
    held[shard] = { holder: lease.holder, incarnation: lease.incarnation, epoch: lease.epoch };
    if (before === undefined) return;
    if (nameOf(before) === nameOf(lease)) return;
    const group = gone.get(nameOf(before)) ?? { from: before, moved: [] };
    group.moved.push({ shard, to: lease });
    gone.set(nameOf(before), group);
  });
  const failovers: ObservedFailover[] = [];
  for (const [name, { from, moved }] of gone) {
    const why = whyMoved(from, moved, look);
    if (why === null) continue;
    if (waiting.has(name)) {
      // Not all of them have somebody yet: told once, when they have.
      for (const { shard } of moved) held[shard] = from;
      continue;
    }
    failovers.push(failoverOf(from, moved, why, look));
  }
  return {
    seen: { atMs: look.nowMs, held },
    failovers,
    settled: waiting.size === 0,
  };
}

/** What was told of gateways that hold nothing explains nothing any more. Pure. */
export function evidenceLeft(
  evidence: readonly Evidence[],
  seen: HoldingsSeen,
  nowMs: number,
): Evidence[] {
  const holders = new Set(Object.values(seen.held).map(({ holder }) => holder));
  return evidence.filter(
    ({ gateway, atMs }) =>
      nowMs - atMs <= (holders.has(gateway) ? EVIDENCE_MS : EVIDENCE_OF_OTHERS_MS),
  );
}

interface Why {
  cause: string;
  died: Evidence | undefined;
}

/** Null: by an order, or by the gateways' own will. */
function whyMoved(from: Holding, moved: { to: Holding }[], look: Look): Why | null {
  const { orders } = look;
  const died = evidenceOf(look, from.holder, "died");
  if (died !== undefined && !orders.stopping.has(from.holder)) {
    const exit = /exit code (\d+)/.exec(died.detail)?.[1];
    return {
      cause: `${from.holder}'s process died${exit === undefined ? "" : ` (exit ${exit})`}`,
      died,
    };
  }
  const member = look.live.find((live) => nameOfMember(live) === nameOf(from));
  if (member === undefined || member.quietMs > WILLING_MS) {
    if (orders.stopping.has(from.holder)) return null;
    if (orders.leaving === "everybody" || orders.leaving.has(from.holder)) return null;
    if (look.away) {
      return {
        cause: moved.some(({ to }) => to.holder === from.holder)
          ? `${from.holder} was started anew while the console was away`
          : `${from.holder} ended or was cut off while the console was away`,
        died: undefined,
      };
    }
    const silent = evidenceOf(look, from.holder, "silent");
    return {
      cause:
        silent === undefined
          ? `${from.holder}'s lease ended: it did not renew it`
          : `${from.holder}'s lease ended: ${silent.detail}`,
      died: undefined,
    };
  }
  if (orders.any) return null;
  if (!member.assistantUp) {
    return { cause: `${from.holder}'s assistant was unreachable`, died: undefined };
  }
  if (member.draining) {
    return { cause: `${from.holder} was told to stop from outside Chela`, died: undefined };
  }
  return null;
}

function failoverOf(
  from: Holding,
  moved: { shard: number; to: Holding }[],
  { cause, died }: Why,
  look: Look,
): ObservedFailover {
  const counts = new Map<string, number>();
  for (const { to } of moved) counts.set(to.holder, (counts.get(to.holder) ?? 0) + 1);
  const first = moved.reduce((least, each) => (each.shard < least.shard ? each : least));
  const released = evidenceOf(look, from.holder, "released");
  const silent = evidenceOf(look, from.holder, "silent");
  const hint = died ?? silent;
  return {
    from: from.holder,
    to: [...counts.entries()].sort(([, a], [, b]) => b - a).map(([name]) => name),
    shards: moved.length,
    key: `observed-${first.shard}@${first.to.epoch}`,
    epoch: Math.max(...moved.map(({ to }) => to.epoch)),
    cause,
    detected: look.away ? null : { atMs: hint?.atMs ?? look.nowMs, detail: hint?.detail ?? cause },
    fenced: look.away
      ? null
      : released === undefined
        ? { atMs: look.nowMs, detail: "Its leases ended; whatever it still writes is refused." }
        : { atMs: released.atMs, detail: released.detail },
    takenOverAtMs: look.nowMs,
  };
}

const EVIDENCE_MS = 60_000;
const EVIDENCE_OF_OTHERS_MS = 2_000;

/** The last of its kind. */
const evidenceOf = (look: Look, gateway: string, kind: Evidence["kind"]) =>
  look.evidence.findLast(
    (each) =>
      each.gateway === gateway && each.kind === kind && look.nowMs - each.atMs <= EVIDENCE_MS,
  );

const nameOf = ({ holder, incarnation }: { holder: string; incarnation: string }) =>
  `${holder}/${incarnation}`;
const nameOfMember = ({ name, incarnation }: { name: string; incarnation: string }) =>
  `${name}/${incarnation}`;
const isLive = (look: Look, lease: Holding) =>
  look.live.some((member) => nameOfMember(member) === nameOf(lease));
