import type { GatewayFacts, RolloutFacts, RolloutState } from "./state.ts";

export type Choice =
  | { next: "none" }
  | { next: "wait"; for: string }
  /** Only drained by this rollout, not replaced: it goes back into service as it is. */
  | { next: "undrain"; gateway: string }
  | { next: "switch"; gateway: string; to: string }
  | { next: "drain"; gateway: string }
  /** Nobody is there to take over, or it serves nobody: replaced without draining. */
  | { next: "replace"; gateway: string };

/**
 * Who is next, from roles as they are observed now: a failover may have made the standby active since the plan.
 * Standbys first, holders last and only after an updated one has taken over; never below one healthy gateway.
 */
export function choose(state: RolloutState, facts: RolloutFacts): Choice {
  const target = state.direction === "forward" ? state.to : state.from;
  const due = facts.gateways.filter(({ name }) => !state.done.includes(name));
  const stale = due.filter(({ release }) => release !== target.number);
  const drainedOnly = due.find(
    ({ name, release, draining }) =>
      state.direction === "back" &&
      state.touched.includes(name) &&
      release === target.number &&
      draining,
  );
  if (drainedOnly) return { next: "undrain", gateway: drainedOnly.name };
  const pending =
    state.direction === "back" ? stale.filter(({ name }) => state.touched.includes(name)) : stale;
  const candidate = inOrder(pending)[0];
  if (candidate === undefined) return { next: "none" };

  const others = facts.gateways.filter(({ name }) => name !== candidate.name);
  const fit = others.filter(({ healthy, draining }) => healthy && !draining);
  if (!candidate.healthy && candidate.shards === 0)
    return { next: "replace", gateway: candidate.name };
  if (others.length === 0) return { next: "replace", gateway: candidate.name };
  if (fit.length === 0) {
    return { next: "wait", for: `another healthy gateway besides ${candidate.name}` };
  }
  if (candidate.shards > 0 && facts.mode === "active-standby") {
    const to = fit.find(({ release }) => release === target.number) ?? fit[0]!;
    return { next: "switch", gateway: candidate.name, to: to.name };
  }
  return { next: "drain", gateway: candidate.name };
}

/** Those that hold nothing first, those that serve nobody before them; holders last, the busiest at the very end. */
export function inOrder<T extends Pick<GatewayFacts, "shards" | "healthy">>(
  gateways: readonly T[],
): T[] {
  return [...gateways].sort((a, b) => a.shards - b.shards || Number(a.healthy) - Number(b.healthy));
}
