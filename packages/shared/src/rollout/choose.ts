import type { GatewayFacts } from "./facts.ts";
import type { RolloutFacts, RolloutState } from "./state.ts";
import { isBusy, targetOf } from "./state.ts";
import { stageTarget } from "./strategy.ts";

/** How a gateway is changed. */
export type Way =
  /** Its shards go to `to` first; then it is chosen again, from what is observed then. */
  | { way: "switch"; to: string }
  | { way: "stop-first"; drain: boolean }
  | { way: "start-first" }
  /** It is bad: others get what it holds, and it stops at once. */
  | { way: "withdraw"; to: string | null }
  /** Only drained, or with a container beside it: it goes back into service as it is. */
  | { way: "restore"; surged: boolean; drained: boolean };

export type Choice =
  | { next: "begin"; gateway: string; how: Way }
  /** Everything of this batch is under way or through. */
  | { next: "full" }
  | { next: "wait"; for: string }
  /** Nobody is left. */
  | { next: "none" };

/**
 * Who is next, from what is observed now: a failover may have made the standby active since the plan. Standbys first,
 * holders last and only after one on the new release has taken over; a batch spread over hosts and regions; never more
 * out than the strategy says, and never fewer left than the floor.
 */
export function choose(state: RolloutState, facts: RolloutFacts): Choice {
  return state.direction === "forward" ? chooseForward(state, facts) : chooseBack(state, facts);
}

function chooseForward(state: RolloutState, facts: RolloutFacts): Choice {
  const candidates = facts.gateways.filter(
    ({ name, release }) =>
      release !== state.to.number && !state.done.includes(name) && !hasLane(state, name),
  );
  if (state.failures.length > 0) {
    const left = facts.gateways.filter(({ name }) => !hasLane(state, name));
    return restoring(state, left) ?? { next: "none" };
  }
  const [candidate] = inOrder(candidates, facts, inBatch(state, facts));
  if (candidate === undefined) return { next: "none" };
  if (state.lanes.length >= batchRoom(state, facts)) return { next: "full" };
  const holder = holds(candidate, facts);
  // Whoever gets the shards has soaked: the batch before it ends first.
  if (holder && state.lanes.length > 0) return { next: "full" };
  return begin(state, facts, candidate, state.lanes.filter(isBusy).length);
}

/** Last changed, first back. Bad ones at once and together; the others as carefully as on the way there. */
function chooseBack(state: RolloutState, facts: RolloutFacts): Choice {
  const free = facts.gateways.filter(
    ({ name }) => !hasLane(state, name) && !state.lost.includes(name),
  );
  const restored = restoring(state, free);
  if (restored !== null) return restored;
  const due = [...state.changed]
    .reverse()
    .flatMap((name) => free.filter((gateway) => gateway.name === name))
    .filter(({ name }) => !state.done.includes(name));
  const bad = due.find((gateway) => isBad(state, gateway));
  if (bad !== undefined)
    return { next: "begin", gateway: bad.name, how: withdraw(state, facts, bad) };
  // Standbys before holders here too; among equals the last changed one.
  const candidate = due.find((gateway) => !holds(gateway, facts)) ?? due[0];
  if (candidate === undefined) return { next: "none" };
  const out = state.lanes.filter((lane) => isBusy(lane) && !lane.urgent).length;
  return begin(state, facts, candidate, out);
}

function restoring(state: RolloutState, free: readonly GatewayFacts[]): Choice | null {
  const left = free.find(
    ({ name }) =>
      state.surged.includes(name) ||
      (state.drained.includes(name) &&
        (state.direction === "forward" || !state.changed.includes(name))),
  );
  if (left === undefined) return null;
  const surged = state.surged.includes(left.name);
  const drained = state.drained.includes(left.name);
  return { next: "begin", gateway: left.name, how: { way: "restore", surged, drained } };
}

function begin(
  state: RolloutState,
  facts: RolloutFacts,
  candidate: GatewayFacts,
  out: number,
): Choice {
  const { strategy, floor } = state;
  const gateway = candidate.name;
  const startFirst = strategy.order === "startFirst";
  if (startFirst ? out >= strategy.batchSize : out >= Math.max(1, strategy.maxUnavailable)) {
    return { next: "full" };
  }
  const serving = (other: GatewayFacts) =>
    other.name !== gateway && fit(state, other) && !busy(state, other.name);
  const left = facts.gateways.filter(serving);
  if (!candidate.seen) {
    return out > 0 ? { next: "full" } : { next: "wait", for: `the agent of ${candidate.host}` };
  }
  if (!candidate.healthy && candidate.shards === 0) {
    return { next: "begin", gateway, how: { way: "stop-first", drain: false } };
  }
  if (!startFirst && left.length < Math.max(1, floor)) {
    // What is under way may be what is missing.
    if (out > 0) return { next: "full" };
    return {
      next: "wait",
      for:
        floor > 1
          ? `${floor} healthy gateways besides ${gateway}, the fleet's floor`
          : `another healthy gateway besides ${gateway}`,
    };
  }
  // With a canary's share the gateways spread shards by themselves: whoever drains gives away what it has.
  if (holds(candidate, facts) && left.length > 0 && state.share.written === null) {
    // One hand-over at a time, and none while others are in the middle of something.
    if (out > 0) return { next: "full" };
    return { next: "begin", gateway, how: { way: "switch", to: successor(state, left).name } };
  }
  return {
    next: "begin",
    gateway,
    how: startFirst ? { way: "start-first" } : { way: "stop-first", drain: true },
  };
}

/** One that has soaked on the target release, then any on it, then the busiest of the others. */
function successor(state: RolloutState, among: readonly GatewayFacts[]): GatewayFacts {
  const target = targetOf(state).number;
  return (
    among.find(({ name, release }) => release === target && state.done.includes(name)) ??
    among.find(({ release }) => release === target) ??
    [...among].sort((a, b) => b.shards - a.shards)[0]!
  );
}

/** Its shards go to one on the old release: who holds most there keeps what it has. */
function withdraw(state: RolloutState, facts: RolloutFacts, bad: GatewayFacts): Way {
  const others = facts.gateways.filter(
    (other) => other.name !== bad.name && fit(state, other) && !busy(state, other.name),
  );
  // With nobody else there, one that still answers serves until the old release is ready beside it.
  if (others.length === 0 && state.strategy.order === "startFirst" && bad.healthy) {
    return { way: "start-first" };
  }
  if (bad.shards === 0 || facts.mode === "active-active") return { way: "withdraw", to: null };
  const old = others.filter(({ release }) => release === state.from.number);
  const to = (old.length > 0 ? old : others).sort((a, b) => b.shards - a.shards)[0]?.name ?? null;
  return { way: "withdraw", to: to === facts.preferred[0] ? null : to };
}

/** Judged as bad, or it serves nobody: no reason to be slow with it. */
const isBad = (state: RolloutState, { name, seen, healthy, shards }: GatewayFacts): boolean =>
  state.cause?.bad.includes(name) === true || (seen && !healthy && shards === 0);

/** Healthy, not on its way out, and not what this goes back from. */
const fit = (state: RolloutState, { name, healthy, draining }: GatewayFacts): boolean =>
  healthy && !draining && !(state.cause?.bad.includes(name) === true && !state.done.includes(name));

const holds = ({ shards }: GatewayFacts, { mode }: RolloutFacts): boolean =>
  shards > 0 && mode === "active-standby";

const hasLane = (state: RolloutState, gateway: string): boolean =>
  state.lanes.some((lane) => lane.gateway === gateway);
const busy = (state: RolloutState, gateway: string): boolean =>
  state.lanes.some((lane) => lane.gateway === gateway && isBusy(lane));

/** A canary stage takes no more than it asks for. */
function batchRoom(state: RolloutState, facts: RolloutFacts): number {
  const { canary, batchSize } = state.strategy;
  const stage = canary?.stages[state.stage];
  if (stage === undefined) return batchSize;
  const through = onTarget(state, facts).length;
  return Math.min(batchSize, stageTarget(stage, facts.gateways.length) - through);
}

/** Gateways that have soaked on the new release, or were on it before. */
export function onTarget(state: RolloutState, facts: RolloutFacts): string[] {
  return facts.gateways
    .filter(
      ({ name, release }) =>
        state.done.includes(name) || (release === state.to.number && !hasLane(state, name)),
    )
    .map(({ name }) => name);
}

function inBatch(state: RolloutState, facts: RolloutFacts): GatewayFacts[] {
  return facts.gateways.filter(({ name }) => hasLane(state, name));
}

/**
 * Those that serve nobody first, holders of an active/standby fleet last; in between other hosts and regions than the
 * batch has already, and the busiest at the very end. Whoever is not seen has to wait anyway.
 */
export function inOrder(
  gateways: readonly GatewayFacts[],
  facts: Pick<RolloutFacts, "mode">,
  batch: readonly GatewayFacts[] = [],
): GatewayFacts[] {
  const rank = (gateway: GatewayFacts): number[] => [
    Number(!gateway.seen),
    Number(facts.mode === "active-standby" && gateway.shards > 0),
    Number(gateway.healthy),
    batch.filter(({ host }) => host === gateway.host).length,
    batch.filter(({ region }) => region !== null && region === gateway.region).length,
    gateway.shards,
  ];
  return [...gateways].sort((a, b) => {
    const [left, right] = [rank(a), rank(b)];
    const at = left.findIndex((value, index) => value !== right[index]);
    return at < 0 ? 0 : left[at]! - right[at]!;
  });
}
