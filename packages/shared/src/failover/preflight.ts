import type { Check, FleetView, GatewayView } from "../fleet/view.ts";
import { duration } from "../operation/steps.ts";
import type { PreflightFacts } from "./facts.ts";

const BACKLOG_WARN = 1_000;
/** Between two looks there is at most a second; twice that means that Redis or the console hangs. */
const LOOK_OLD_MS = 2_500;
const REPORT_OLD_MS = 4_000;
/** Leases are judged by monotonic clocks; dedupe, time windows of signatures and records are not. */
const CLOCK_WARN_MS = 1_000;
const RECENT_MS = 60_000;

/**
 * May `to` become active? One `fail` blocks. The console's button, the API and the controller ask the same.
 * A forced failover obeys only what makes it impossible.
 */
export function preflight(
  view: FleetView,
  to: string,
  kind: "switchover" | "failover",
  facts: PreflightFacts,
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
    inFlightCheck(view, candidate, forced),
    redisCheck(view, facts),
    edgeCheck(view),
    clockCheck(facts),
    lastMoveCheck(view, facts),
    operationCheck(view),
  ];
  return checks;
}

/** Those that block: all of them, so that nobody has to mend one to hear of the next. */
export const blocking = (checks: readonly Check[]): Check[] =>
  checks.filter(({ verdict }) => verdict === "fail");

function candidateCheck(candidate: GatewayView, facts: PreflightFacts): Check {
  const name = "candidate";
  if (!facts.heartbeat) {
    return {
      name,
      verdict: "fail",
      detail: `${candidate.name} has no fresh heartbeat in Redis: nobody would take over.`,
    };
  }
  if (candidate.health === "healthy") {
    const old = facts.reportAgeMs === null || facts.reportAgeMs > REPORT_OLD_MS;
    return {
      name,
      verdict: old ? "warn" : "pass",
      detail: old
        ? `${candidate.name}'s heartbeat is fresh; its agent was last heard ${facts.reportAgeMs === null ? "before it disconnected" : `${duration(facts.reportAgeMs)} ago`}.`
        : `${candidate.name} is healthy and its heartbeat is fresh.`,
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

function inFlightCheck(view: FleetView, candidate: GatewayView, forced: boolean): Check {
  const holders = view.gateways.filter(({ name, shards }) => shards > 0 && name !== candidate.name);
  const turns = holders.reduce((sum, { inFlight }) => sum + inFlight, 0);
  const names = holders.map(({ name }) => name).join(" and ");
  const name = "in-flight";
  if (turns === 0) return { name, verdict: "pass", detail: "No turn is in flight." };
  return forced
    ? {
        name,
        verdict: "warn",
        detail: `${turns} ${turns === 1 ? "turn" : "turns"} in flight on ${names} will be run again by ${candidate.name}: the assistant is asked twice, the answer counts once.`,
      }
    : {
        name,
        verdict: "pass",
        detail: `${turns} ${turns === 1 ? "turn" : "turns"} in flight on ${names} may finish first.`,
      };
}

function redisCheck(view: FleetView, facts: PreflightFacts): Check {
  const name = "redis";
  const { redis } = view;
  if (!redis.reachable) {
    return { name, verdict: "fail", detail: `Redis does not answer: ${redis.reason}.` };
  }
  if (facts.lookAgeMs > LOOK_OLD_MS) {
    return {
      name,
      verdict: "fail",
      detail: `Redis has not answered for ${duration(facts.lookAgeMs)}.`,
    };
  }
  if (redis.role === "replica") {
    return { name, verdict: "fail", detail: "This Redis is a replica: nothing can be written." };
  }
  const answers = `Redis answers in ${redis.latencyMs ?? "?"} ms`;
  const weak = [
    ...(redis.persistence?.startsWith("none") ? [`Persistence: ${redis.persistence}.`] : []),
    ...facts.redisWarnings.map((warning) => warning.replace(/^[a-z-]+: /, "")),
  ];
  return weak.length === 0
    ? { name, verdict: "pass", detail: `${answers} and keeps what it acknowledges.` }
    : { name, verdict: "warn", detail: `${answers}. ${weak.join(" ")}` };
}

function clockCheck({ clocks }: PreflightFacts): Check {
  const off = clocks.filter(({ offMs }) => Math.abs(offMs) > CLOCK_WARN_MS);
  return off.length === 0
    ? {
        name: "clock",
        verdict: "pass",
        detail: "The clocks of hosts, Redis and console agree within a second.",
      }
    : {
        name: "clock",
        verdict: "warn",
        detail: `${off.map(({ of, offMs }) => `${of} is ${duration(Math.abs(offMs))} ${offMs > 0 ? "ahead of" : "behind"} the console`).join(", ")}: leases do not depend on it, time stamps do. Set the clock.`,
      };
}

function lastMoveCheck(view: FleetView, { last }: PreflightFacts): Check {
  const name = "last-failover";
  if (view.flapping !== null) {
    return {
      name,
      verdict: "warn",
      detail: `Shards move to and fro: ${view.flapping.detail} Find out why before you move them again.`,
    };
  }
  if (last === null) return { name, verdict: "pass", detail: "There was none yet." };
  const said = `${last.title}, ${duration(last.agoMs)} ago${last.automatic ? ", by itself" : ""}.`;
  return { name, verdict: last.agoMs < RECENT_MS ? "warn" : "pass", detail: said };
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
