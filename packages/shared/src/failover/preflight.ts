import type { Check, FleetView, GatewayView } from "../fleet/view.ts";

/** What is known about the candidate from Redis alone, for when its agent is silent. */
export interface CandidateFacts {
  /** Its heartbeat in Redis is fresh. */
  heartbeat: boolean;
  assistantUp: boolean;
}

/**
 * May `to` become active? One `fail` blocks. The console's button, the API and the controller ask the same.
 * A forced failover obeys only what makes it impossible.
 */
export function preflight(
  view: FleetView,
  to: string,
  kind: "switchover" | "failover",
  facts: CandidateFacts,
): Check[] {
  const candidate = view.gateways.find(({ name }) => name === to);
  if (candidate === undefined) {
    return [{ name: "candidate", verdict: "fail", detail: `There is no gateway ${to}.` }];
  }
  const forced = kind === "failover";
  const relax = (verdict: "fail" | "warn") => (forced && verdict === "fail" ? "warn" : verdict);
  const checks: Check[] = [
    candidateCheck(candidate, facts),
    roleCheck(view, candidate),
    facts.assistantUp
      ? { name: "assistant", verdict: "pass", detail: `${to} reaches its assistant.` }
      : {
          name: "assistant",
          verdict: relax("fail"),
          detail: `${to} does not reach its assistant: it would hold the shards and process nothing.`,
        },
    versionCheck(view, candidate),
    backlogCheck(view),
    redisCheck(view),
    edgeCheck(view),
    operationCheck(view),
  ];
  return checks;
}

export const blocked = (checks: Check[]): Check | undefined =>
  checks.find(({ verdict }) => verdict === "fail");

function candidateCheck(candidate: GatewayView, facts: CandidateFacts): Check {
  const name = "candidate";
  if (!facts.heartbeat) {
    return {
      name,
      verdict: "fail",
      detail: `${candidate.name} has no fresh heartbeat in Redis: nobody would take over.`,
    };
  }
  if (candidate.health === "healthy") {
    return {
      name,
      verdict: "pass",
      detail: `${candidate.name} is healthy and its heartbeat is fresh.`,
    };
  }
  return {
    name,
    verdict: candidate.health === "unreachable" ? "warn" : "fail",
    detail: `${candidate.name} is ${candidate.health}. ${candidate.healthReason ?? ""}`.trim(),
  };
}

function roleCheck(view: FleetView, candidate: GatewayView): Check {
  const name = "role";
  if (candidate.shards === view.shards.total && view.preferred[0] === candidate.name) {
    return {
      name,
      verdict: "fail",
      detail: `${candidate.name} is active already and holds all ${candidate.shards} shards.`,
    };
  }
  if (candidate.role === "draining") {
    return {
      name,
      verdict: "fail",
      detail: `${candidate.name} is draining: undrain it first.`,
    };
  }
  if (candidate.role === "tilt") {
    return {
      name,
      verdict: "fail",
      detail: `${candidate.name} has just been stalled and waits for its next heartbeat.`,
    };
  }
  return { name, verdict: "pass", detail: `${candidate.name} is ${candidate.role}.` };
}

function versionCheck(view: FleetView, candidate: GatewayView): Check {
  const name = "version";
  const holders = view.gateways.filter(({ shards }) => shards > 0);
  const other = holders.find(
    ({ imageId, release }) => imageId !== candidate.imageId || release !== candidate.release,
  );
  return other === undefined
    ? {
        name,
        verdict: "pass",
        detail: `Same version, ${candidate.version || "unknown"}, and configuration.`,
      }
    : {
        name,
        verdict: "warn",
        detail: `${candidate.name} runs ${candidate.version} (release ${candidate.release ?? "?"}), ${other.name} runs ${other.version} (release ${other.release ?? "?"}).`,
      };
}

const BACKLOG_WARN = 1_000;

function backlogCheck(view: FleetView): Check {
  const backlog = view.gateways.reduce((sum, gateway) => sum + gateway.backlog, 0);
  return {
    name: "backlog",
    verdict: backlog > BACKLOG_WARN ? "warn" : "pass",
    detail:
      backlog === 0
        ? "No accepted event waits."
        : `${backlog} accepted events wait; the new active reads them from the beginning.`,
  };
}

function redisCheck(view: FleetView): Check {
  return view.redis.reachable
    ? {
        name: "redis",
        verdict: "pass",
        detail: `Redis answers in ${view.redis.latencyMs ?? "?"} ms.`,
      }
    : { name: "redis", verdict: "fail", detail: `Redis does not answer: ${view.redis.reason}.` };
}

function edgeCheck(view: FleetView): Check {
  const ill = view.edges.filter(({ health }) => health !== "healthy");
  return ill.length === 0
    ? {
        name: "edge",
        verdict: "pass",
        detail: "Every edge answers. It sends to both already: nothing is reloaded.",
      }
    : {
        name: "edge",
        verdict: "warn",
        detail: `${ill.map(({ name, health }) => `${name} is ${health}`).join(", ")}: the probe at the end may fail.`,
      };
}

function operationCheck(view: FleetView): Check {
  return view.operationId === null
    ? { name: "operation", verdict: "pass", detail: "No other operation is running." }
    : {
        name: "operation",
        verdict: "fail",
        detail: "Another operation is running on this fleet: wait for it, or abort it.",
      };
}
