import type { GatewayCounts, GatewayStatus } from "@chela/shared/agent-link/schema";
import type { LeaseStatus } from "./shard/shard-work.ts";

export interface StatusFacts {
  readonly gateway: string;
  readonly fleet: string;
  readonly version: string;
  readonly lease: LeaseStatus;
  /** Why webhooks cannot be stored in Redis; null when they can. */
  readonly redisTrouble: string | null;
  /** What of Redis' settings takes a guarantee away. */
  readonly warnings: readonly string[];
  /** Shards whose inbox takes no more. */
  readonly fullShards: readonly number[];
  readonly leaving: boolean;
  readonly assistantUp: boolean;
  readonly inFlight: number;
  /** WebSockets open. */
  readonly sockets: number;
  readonly backlog: number;
  readonly acceptP99Ms: number | null;
  readonly counts: GatewayCounts | null;
  readonly uptimeMs: number;
}

/**
 * What this gateway says of itself. Ready means: may take traffic. Accepting needs Redis, room in the backlog and
 * a fleet this gateway fits into; a standby, a draining gateway or one without its assistant is ready all the same.
 */
export function statusOf(facts: StatusFacts): GatewayStatus {
  const { lease, redisTrouble, warnings, fullShards, leaving, ...rest } = facts;
  const reasons = [
    ...lease.faults(),
    ...(redisTrouble === null ? [] : [`redis-unreachable: Webhooks: ${redisTrouble}.`]),
    ...fullShards.map((shard) => `backlog-full: Shard ${shard} holds as many events as it may.`),
    ...(leaving ? ["stopping: This gateway is about to end."] : []),
  ];
  return {
    ...rest,
    incarnation: lease.incarnation,
    role: lease.role(),
    ready: reasons.length === 0,
    reasons,
    warnings: [...warnings, ...lease.warnings()],
    draining: lease.draining(),
    shards: lease.held(),
  };
}
