import type { FailoverPreview, FleetView } from "../fleet/view.ts";
import { beginSequence, type SequenceState } from "../operation/sequence.ts";
import { duration } from "../operation/steps.ts";
import type { PreflightFacts } from "./facts.ts";
import { preflight } from "./preflight.ts";

/** A busy shard waits for its longest turn, at most this long. */
export const HANDOVER_ALLOWED_MS = 10_000;
/** Where no run was measured yet: a hand-over of idle shards is two script calls and a wake-up. */
const IDLE_MOVE_MS = 100;
const FORCED_MOVE_MS = 300;
const VERIFY_MS = 50;

export interface FailoverTarget {
  gateway: string;
  kind: "switchover" | "failover";
}

/** Who holds shards now, besides the candidate. */
export function leaving(view: FleetView, to: string): string[] {
  return view.gateways
    .filter(({ name, shards }) => shards > 0 && name !== to)
    .map(({ name }) => name);
}

/** What the plan stands on: when any of it changes, the plan is another one. */
export function planFacts(
  view: FleetView,
  { gateway, kind }: FailoverTarget,
): Record<string, string> {
  return {
    kind,
    "the gateway to promote": gateway,
    "its start": view.gateways.find(({ name }) => name === gateway)?.incarnation ?? "none",
    "who holds shards": leaving(view, gateway).join(", ") || "nobody else",
    "the control record's generation": String(view.generation),
  };
}

/**
 * What would happen, in order, with expected times; nothing is changed.
 * @param pauses of the last runs of this kind as they were measured, ms.
 */
export function previewFailover(
  view: FleetView,
  target: FailoverTarget,
  facts: PreflightFacts,
  pauses: readonly number[],
  planHash: string,
): FailoverPreview {
  const from = leaving(view, target.gateway);
  const holders = view.gateways.filter(({ name }) => from.includes(name));
  const sum = (of: (gateway: FleetView["gateways"][number]) => number) =>
    holders.reduce((total, gateway) => total + of(gateway), 0);
  const shards = sum((gateway) => gateway.shards);
  const inFlight = sum((gateway) => gateway.inFlight);
  const forced = target.kind === "failover";
  const moveMs = median(pauses) ?? (forced ? FORCED_MOVE_MS : IDLE_MOVE_MS);
  const basis =
    pauses.length === 0
      ? "an estimate, none was measured here yet"
      : pauses.length === 1
        ? "measured at the last one"
        : `the middle of the last ${pauses.length}`;
  const sessions = sum((gateway) => gateway.sessions);
  const names = from.join(" and ") || "nobody";
  return {
    planHash,
    checks: preflight(view, target.gateway, target.kind, facts),
    from,
    to: target.gateway,
    steps: [
      {
        name: "prefer",
        detail: `Prefer ${target.gateway} in the control record. From here on the gateways complete it by themselves.`,
        expectedMs: 10,
      },
      forced
        ? {
            name: "fence",
            detail: `Fence ${names}: ${shards} shards are taken without asking; its next write is refused.`,
            expectedMs: moveMs,
          }
        : {
            name: "handover",
            detail: `Hand over ${shards} shards. ${inFlight} turns in flight get up to ${HANDOVER_ALLOWED_MS / 1_000} s.`,
            expectedMs: moveMs,
          },
      {
        name: "verify",
        detail: "Send probes through every edge. Nothing is reloaded.",
        expectedMs: VERIFY_MS,
      },
    ],
    impact: forced
      ? `No request is refused: webhooks are accepted all the time. ${sessions} sessions pause about ${duration(moveMs)} (${basis}). What can be lost: the ${count(inFlight, "turn")} in flight on ${names} ${inFlight === 1 ? "is" : "are"} cut off and run again by ${target.gateway}, so the assistant may be asked twice. Nothing that was accepted is lost, and each event has its effect once.`
      : `No request is refused: webhooks are accepted all the time. ${sessions} sessions pause about ${duration(moveMs)} (${basis}); one with a turn in flight (${inFlight} now) waits for that turn, at most ${HANDOVER_ALLOWED_MS / 1_000} s.`,
    figures: {
      sessions,
      inFlight,
      expectedPauseMs: moveMs,
      shards,
    },
  };
}

const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? "" : "s"}`;

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null;
}

/** The preference with `to` in front; the others keep their order. */
export function preferring(view: Pick<FleetView, "preferred" | "gateways">, to: string): string[] {
  const names = view.gateways.map(({ name }) => name);
  return [...new Set([to, ...view.preferred.filter((name) => names.includes(name)), ...names])];
}

/**
 * The preference that moves nothing: today's holders in front, the others in their order. Every change of the control
 * record gives one, see lease/schema.ts.
 */
export function holdersFirst(view: Pick<FleetView, "preferred" | "gateways">): string[] {
  const holders = view.gateways.filter(({ shards }) => shards > 0).map(({ name }) => name);
  const names = view.gateways.map(({ name }) => name);
  const known = view.preferred.filter((name) => names.includes(name));
  const byPreference = (name: string) => {
    const place = known.indexOf(name);
    return place === -1 ? known.length : place;
  };
  holders.sort((a, b) => byPreference(a) - byPreference(b));
  return [...new Set([...holders, ...known, ...names])];
}

/** The operation itself. @param operationId makes the write of the preference this operation's own. */
export function beginFailover(
  view: FleetView,
  target: FailoverTarget,
  operationId: string,
  nowMs: number,
): SequenceState {
  const to = target.gateway;
  const generation = view.generation + 1;
  const preferred = preferring(view, to);
  return beginSequence(
    [
      {
        name: "prefer",
        gateway: to,
        action: { type: "prefer", generation: view.generation, preferred, ref: operationId },
      },
      target.kind === "failover"
        ? {
            name: "fence",
            gateway: to,
            action: { type: "fence", generation, to },
          }
        : { name: "handover", gateway: to, action: { type: "handover", generation, to } },
      { name: "verify", action: { type: "verify" } },
    ],
    {
      success: `${to} is active. {detail} Done in {ms}.`,
      says: target.kind === "failover" ? "fence" : "handover",
      completes: true,
    },
    nowMs,
  );
}
