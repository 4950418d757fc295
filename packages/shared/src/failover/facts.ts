import { newestMember } from "../fleet/members.ts";
import { containerOf, isFresh, type Observation } from "../fleet/observation.ts";
import { FLAPPING_PREFIX } from "./flapping.ts";

/** What a preflight needs to know beside the fleet's view. */
export interface PreflightFacts {
  /** The candidate's heartbeat in Redis is fresh. */
  heartbeat: boolean;
  assistantUp: boolean;
  /** Since Redis was looked at. */
  lookAgeMs: number;
  /** Since the agent on the candidate's host reported; null: it never did, or is not connected. */
  reportAgeMs: number | null;
  /** Against the console's clock, positive: ahead. */
  clocks: readonly { of: string; offMs: number }[];
  /** What gateways say of Redis' own settings. */
  redisWarnings: readonly string[];
  last: LastMove | null;
}

/** The last switchover or failover of the fleet. */
export interface LastMove {
  title: string;
  agoMs: number;
  automatic: boolean;
}

/** From the last look; asks nobody. Pure. */
export function preflightFacts(
  seen: Observation,
  gateway: string,
  last: LastMove | null,
  nowMs: number,
): PreflightFacts {
  const member = newestMember(seen, gateway);
  const wish = seen.spec.gateways.find(({ name }) => name === gateway);
  const host = seen.hosts.find(({ name }) => name === wish?.host);
  const statuses = seen.hosts.flatMap((each) =>
    isFresh(seen, each) ? (each.report?.gateways ?? []).flatMap(({ status }) => status ?? []) : [],
  );
  // Seen with the agent's eyes the container says it too, where Redis has no fresh heartbeat.
  const status = containerOf(host, gateway)?.status;
  return {
    heartbeat: member !== undefined,
    assistantUp: member?.assistantUp ?? status?.assistantUp ?? false,
    lookAgeMs: Math.max(0, nowMs - seen.nowMs),
    reportAgeMs:
      host?.connected && host.reportAtMs !== null ? Math.max(0, nowMs - host.reportAtMs) : null,
    clocks: [
      ...seen.hosts.flatMap((each) =>
        each.connected && each.report !== null && each.reportAtMs !== null
          ? [{ of: each.name, offMs: Date.parse(each.report.at) - each.reportAtMs }]
          : [],
      ),
      ...(seen.redis.nowMs === null ? [] : [{ of: "Redis", offMs: seen.redis.nowMs - seen.nowMs }]),
    ],
    redisWarnings: [
      ...new Set(
        statuses
          .flatMap(({ warnings }) => warnings)
          .filter((warning) => !warning.startsWith(FLAPPING_PREFIX)),
      ),
    ],
    last,
  };
}
