import type { GatewayObservation } from "../agent-link/schema.ts";
import type { Member } from "../lease/schema.ts";
import { type HostReading, isFresh, type Observation } from "./observation.ts";
import type { Health } from "./view.ts";

/** A container that was started less than this ago may still be on its way up. */
const STARTING_MS = 30_000;
const iso = (ms: number) => new Date(ms).toISOString();

/** A gateway's health from what its host, itself and its heartbeat said; the reason is a sentence. */
export function healthOf(
  seen: Observation,
  host: HostReading | undefined,
  container: GatewayObservation | undefined,
  member: Member | undefined,
): { health: Health; reason: string | null } {
  if (host === undefined || !isFresh(seen, host)) {
    const since = host?.reportAtMs ? ` since ${iso(host.reportAtMs).slice(11, 19)} UTC` : "";
    const agent = `The agent of its host is silent${since}`;
    return {
      health: "unreachable",
      reason: member
        ? `${agent}; its own heartbeat in Redis is fresh.`
        : `${agent}, and so is the gateway.`,
    };
  }
  if (container === undefined) return { health: "unhealthy", reason: "It has no container." };
  if (container.state === "created" || container.state === "restarting") {
    return { health: "starting", reason: "Its container is being started." };
  }
  if (container.state !== "running") {
    const code = container.exitCode === null ? "" : ` with exit code ${container.exitCode}`;
    return { health: "unhealthy", reason: `Its container is ${container.state}${code}.` };
  }
  const { status } = container;
  const upMs = container.startedAt ? seen.nowMs - Date.parse(container.startedAt) : STARTING_MS;
  if (status === null) {
    return upMs < STARTING_MS
      ? { health: "starting", reason: "It was just started and does not answer yet." }
      : {
          health: "unhealthy",
          reason: `It does not answer: ${(container.statusError ?? "no status").replace(/\.$/, "")}.`,
        };
  }
  if (!status.ready && !status.draining) {
    return upMs < STARTING_MS && status.uptimeMs < STARTING_MS
      ? { health: "starting", reason: `Not ready yet: ${status.reasons.join(", ")}.` }
      : { health: "unhealthy", reason: `Not ready: ${status.reasons.join(", ")}.` };
  }
  if (!status.assistantUp) {
    return { health: "unhealthy", reason: "Its assistant does not answer; it accepts and keeps." };
  }
  return { health: "healthy", reason: null };
}
