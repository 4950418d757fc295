import type { GatewayObservation, HostReport } from "../agent-link/schema.ts";
import type { Lease, Member } from "../lease/schema.ts";
import type { Control } from "./control.ts";
import type { FleetSpec } from "./spec.ts";
import type { DedupeTotals, RedisView, ReleaseView } from "./view.ts";

/** What one look at Redis answers. */
export interface RedisReading {
  view: RedisView;
  /** Redis' own time, ms; null while it does not answer. */
  nowMs: number | null;
  control: Control | null;
  members: Member[];
  shards: ShardReading[];
}

export interface ShardReading {
  shard: number;
  lease: Lease | null;
  sessions: number;
  backlog: number;
}

/** A host as the console knows it, with what its agent said last. */
export interface HostReading {
  name: string;
  region: string | null;
  cordoned: boolean;
  connected: boolean;
  report: HostReport | null;
  /** When that report came in, console time, ms. */
  reportAtMs: number | null;
  redisReachable: boolean | null;
  redisReason: string | null;
}

/** Everything that a fleet's view and an operation's next step are decided from. */
export interface Observation {
  nowMs: number;
  spec: FleetSpec;
  redis: RedisReading;
  hosts: HostReading[];
  edgeUrls: Record<string, string>;
  dedupe: DedupeTotals;
  rates: { acceptedPerSecond: number; duplicatesPerSecond: number };
  operation: { id: string; kind: string; title: string } | null;
  release: ReleaseView | null;
  /** When gateways were first seen to hold back repeated moves; absent: not before this look. */
  flappingSinceMs?: number | undefined;
  /** Who acts as controller instead of this console, in a sentence; absent: this one. */
  standingBy?: string | null;
  /** Hash under which each edge took what this console gave it last; without an entry: nothing yet. */
  edgeHashes?: Readonly<Record<string, string>>;
}

/** A report older than this is not believed. */
const REPORT_TTL_MS = 4_000;

/** Its agent is connected and has reported lately. */
export function isFresh(seen: Observation, host: HostReading): boolean {
  return (
    host.connected && host.reportAtMs !== null && seen.nowMs - host.reportAtMs <= REPORT_TTL_MS
  );
}

/** A gateway's container as its host reported it last. */
export function containerOf(
  host: HostReading | undefined,
  gateway: string,
): GatewayObservation | undefined {
  return host?.report?.gateways.find((candidate) => candidate.gateway === gateway);
}
