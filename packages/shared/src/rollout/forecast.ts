import type { Action, ActionResult } from "../operation/action.ts";
import { rolloutOrders } from "./orders.ts";
import { type RolloutFacts, type RolloutState, targetOf } from "./state.ts";
import { advanceRollout } from "./transition.ts";

/** Until something of this kind has been measured here, ms. */
const EXPECTED_MS: Record<string, number> = {
  image: 300,
  switchover: 150,
  drain: 200,
  replace: 2_500,
  surge: 1_000,
  "take-over": 700,
  unsurge: 500,
  healthy: 1_500,
  back: 50,
  share: 300,
  settle: 10,
};
const STEP_OF: Partial<Record<Action["type"], string>> = {
  handover: "switchover",
  undrain: "back",
  canary: "share",
};
const ROUNDS_MAX = 5_000;

export interface Forecast {
  /** Its state at the end, with every step that was and will be. */
  end: RolloutState;
  /** From now; null: it waits for what cannot be foreseen. */
  ms: number | null;
}

/**
 * The machine itself, run ahead in a fleet where everything goes well and takes as long as it did before: so what a plan
 * shows is what will be done. Gates by approval open at once.
 */
export function forecast(state: RolloutState, seen: RolloutFacts, fromMs: number): Forecast {
  let nowMs = fromMs;
  let facts = structuredClone(seen);
  let current: RolloutState = { ...state, paused: false };
  const ends = new Map<string, { atMs: number; action: Action }>();
  const results = new Map<string, ActionResult>();
  for (let round = 0; round < ROUNDS_MAX; round++) {
    for (const gateway of facts.gateways) gateway.observedAtMs = nowMs;
    current = approved(current);
    const next = advanceRollout(current, facts, results, nowMs);
    if (next.phase.at === "over") return { end: next, ms: nowMs - fromMs };
    if (next !== current) {
      current = next;
      continue;
    }
    for (const { key, action } of rolloutOrders(current, "", (to) => [to])) {
      if (ends.has(key)) continue;
      ends.set(key, { atMs: nowMs + leftMs(current, action, nowMs), action });
    }
    const due = [...ends]
      .filter(([key]) => !results.has(key))
      .sort(([, a], [, b]) => a.atMs - b.atMs)[0];
    const untilMs = "untilMs" in current.phase ? current.phase.untilMs : null;
    if (due !== undefined && (untilMs === null || due[1].atMs <= untilMs)) {
      const [key, { atMs, action }] = due;
      nowMs = Math.max(nowMs, atMs);
      facts = after(facts, action, targetOf(current).number);
      results.set(key, { ok: true, detail: null });
    } else if (untilMs !== null && untilMs > nowMs) nowMs = untilMs;
    else break;
  }
  return { end: current, ms: null };
}

function approved(state: RolloutState): RolloutState {
  const { phase } = state;
  if (phase.at !== "gate" || phase.untilMs !== null || phase.approvedBy !== null) return state;
  return { ...state, phase: { ...phase, approvedBy: "" } };
}

/** What is under way has used some of its time already. */
function leftMs(state: RolloutState, action: Action, nowMs: number): number {
  const name = STEP_OF[action.type] ?? action.type;
  const measured = state.expected[name] ?? EXPECTED_MS[name] ?? 0;
  const running = state.steps.findLast(
    (step) =>
      step.state === "running" &&
      step.name === name &&
      ("gateway" in action ? step.gateway === action.gateway : true),
  );
  const goneMs = running?.startedAt == null ? 0 : nowMs - Date.parse(running.startedAt);
  return Math.max(0, measured - Math.max(0, goneMs));
}

function after(facts: RolloutFacts, action: Action, release: number): RolloutFacts {
  const gateways = facts.gateways.map((gateway) => {
    const mine = "gateway" in action && action.gateway === gateway.name;
    switch (action.type) {
      case "handover":
        return {
          ...gateway,
          shards: gateway.name === action.to ? total(facts) : 0,
        };
      case "drain":
        return mine ? { ...gateway, draining: true, shards: 0 } : gateway;
      case "replace":
      case "take-over":
        return mine
          ? {
              ...gateway,
              ...{ release, draining: false, healthy: true, seen: true },
              figures: { ...gateway.figures, running: true },
            }
          : gateway;
      case "undrain":
        return mine ? { ...gateway, draining: false } : gateway;
      default:
        return gateway;
    }
  });
  return { ...facts, gateways };
}

const total = ({ gateways }: RolloutFacts) => gateways.reduce((sum, { shards }) => sum + shards, 0);

/** Of the steps that were measured, the middle one by name. */
export function learned(steps: readonly { name: string; state: string; ms: number | null }[]) {
  const by = new Map<string, number[]>();
  for (const { name, state, ms } of steps) {
    if (state !== "done" || ms === null || name === "soak") continue;
    by.set(name, [...(by.get(name) ?? []), ms]);
  }
  return Object.fromEntries(
    [...by].map(([name, all]) => [name, all.sort((a, b) => a - b)[Math.floor(all.length / 2)]!]),
  );
}
