import type { FailoverPreview, FleetView } from "../fleet/view.ts";
import { beginSequence, type SequenceState } from "../operation/sequence.ts";
import { duration } from "../operation/steps.ts";
import { type CandidateFacts, preflight } from "./preflight.ts";

/** A busy shard waits for its longest turn, at most this long. */
export const HANDOVER_ALLOWED_MS = 10_000;
/** Measured on idle shards: a hand-over is two script calls and a wake-up. */
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

/** What would happen, in order, with expected times; nothing is changed. */
export function previewFailover(
  view: FleetView,
  target: FailoverTarget,
  facts: CandidateFacts,
  planHash: string,
): FailoverPreview {
  const from = leaving(view, target.gateway);
  const holders = view.gateways.filter(({ name }) => from.includes(name));
  const sum = (of: (gateway: FleetView["gateways"][number]) => number) =>
    holders.reduce((total, gateway) => total + of(gateway), 0);
  const shards = sum((gateway) => gateway.shards);
  const inFlight = sum((gateway) => gateway.inFlight);
  const forced = target.kind === "failover";
  const moveMs = forced ? FORCED_MOVE_MS : IDLE_MOVE_MS;
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
      ? `No request is refused: webhooks are accepted all the time. ${inFlight} turns in flight on ${names} are done again by ${target.gateway}, once.`
      : `No request is refused: webhooks are accepted all the time. Idle sessions pause about ${duration(moveMs)}; a session with a turn in flight waits for that turn, at most ${HANDOVER_ALLOWED_MS / 1_000} s.`,
    figures: {
      sessions: sum((gateway) => gateway.sessions),
      inFlight,
      expectedPauseMs: moveMs,
      shards,
    },
  };
}

/** The preference with `to` in front; the others keep their order. */
export function preferring(view: Pick<FleetView, "preferred" | "gateways">, to: string): string[] {
  const names = view.gateways.map(({ name }) => name);
  return [...new Set([to, ...view.preferred.filter((name) => names.includes(name)), ...names])];
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
