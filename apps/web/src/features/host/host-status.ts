import type { HostView } from "@chela/shared/fleet/view";
import type { Status } from "../../ui/status.tsx";

/** Pure: a host in one word, the worst first. */
export function statusOfHost(
  host: Pick<HostView, "connected" | "cordoned" | "redisReachable">,
): Status {
  if (!host.connected) return { tone: "unreachable", icon: "st-unreachable", word: "Silent" };
  if (host.redisReachable === false)
    return { tone: "unhealthy", icon: "st-unhealthy", word: "No Redis" };
  if (host.cordoned) return { tone: "draining", icon: "lock", word: "Cordoned" };
  return { tone: "healthy", icon: "st-healthy", word: "Healthy" };
}

/** Why no gateway can be placed there; null: one can. */
export function placementLock(
  host: Pick<HostView, "connected" | "cordoned" | "redisReachable" | "redisReason">,
): string | null {
  if (!host.connected) return "Its agent is silent.";
  if (host.cordoned) return "It is cordoned: uncordon it first.";
  if (host.redisReachable === false)
    return host.redisReason ?? "Redis is not reachable from there.";
  return null;
}
