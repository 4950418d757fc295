/**
 * What the control API answers and the screen shows. Plain types: the browser imports this file, so no Zod here.
 * Times are ISO strings (`…At`, `asOf`), durations milliseconds (`…Ms`), rates per second (`…PerSecond`).
 */
import type { Roles, ViewerRole } from "../access/roles.ts";

export type Role = "active" | "standby" | "draining" | "tilt" | "down";
export type Health = "healthy" | "unhealthy" | "unreachable" | "starting";
export type FleetMode = "active-standby" | "active-active";

export interface GatewayView {
  name: string;
  host: string;
  region: string | null;
  /** Tag of the image it runs. */
  version: string;
  /** Full image reference as in Docker's `Config.Image`. */
  image: string;
  /** `sha256:…` */
  imageId: string | null;
  release: number | null;
  role: Role;
  health: Health;
  /** Why it is not healthy; a sentence. */
  healthReason: string | null;
  /** Highest epoch held, else null. */
  epoch: number | null;
  /** How many shards it holds. */
  shards: number;
  /** Live sessions in the shards it holds. */
  sessions: number;
  inFlight: number;
  /** Inbox entries waiting in the shards it holds. */
  backlog: number;
  weight: number;
  backup: boolean;
  containerId: string | null;
  startedAt: string | null;
  restarts: number;
  cpuPercent: number | null;
  memoryBytes: number | null;
  incarnation: string | null;
  observedAt: string | null;
}

export interface HostView {
  name: string;
  region: string | null;
  connected: boolean;
  cordoned: boolean;
  address: string | null;
  agentVersion: string | null;
  engineVersion: string | null;
  os: string | null;
  cpus: number | null;
  memoryBytes: number | null;
  cpuPercent: number | null;
  memoryUsedBytes: number | null;
  gateways: string[];
  /** Null: not tried yet. */
  redisReachable: boolean | null;
  redisReason: string | null;
  lastSeenAt: string | null;
}

export interface EdgeView {
  name: string;
  host: string;
  health: Health;
  healthReason: string | null;
  url: string;
  /** Hash of the configuration nginx runs. */
  configHash: string | null;
  /** nginx reloads since its container started. */
  reloads: number;
  upstreams: { gateway: string; address: string; weight: number; backup: boolean }[];
  observedAt: string | null;
}

export interface RedisView {
  reachable: boolean;
  reason: string | null;
  version: string | null;
  role: string | null;
  usedMemoryBytes: number | null;
  connectedClients: number | null;
  opsPerSecond: number | null;
  latencyMs: number | null;
  persistence: string | null;
  observedAt: string | null;
}

export interface DedupeTotals {
  accepted: number;
  duplicates: number;
  /** duplicates / (accepted + duplicates), 0 to 1; null where nothing came in. */
  hitRate: number | null;
}

export type HealthVerdict = "healthy" | "degraded" | "switching" | "unclear" | "down";

/** The health sentence: a verdict word and the rest. Made in one place: fleet/health.ts. */
export interface HealthSentence {
  verdict: HealthVerdict;
  headline: string;
  sentence: string;
  notes: string[];
}

export interface FleetView {
  fleet: string;
  mode: FleetMode;
  actives: number;
  preferred: string[];
  generation: number;
  shards: { total: number; held: number };
  gateways: GatewayView[];
  edges: EdgeView[];
  hosts: HostView[];
  redis: RedisView;
  sessions: { total: number };
  /** Over the last hour. */
  dedupe: DedupeTotals;
  rates: { acceptedPerSecond: number; duplicatesPerSecond: number; acceptP99Ms: number | null };
  health: HealthSentence;
  /** Operation that is not over, if any. */
  operationId: string | null;
  release: ReleaseView | null;
  /** Set while automatic failover is paused for maintenance. */
  failoverPaused: { by: string; reason: string | null; at: string } | null;
  /** Repeated moves away from a live holder, held back until an operator acknowledges them; null: none. */
  flapping: { moves: number; windowMs: number; detail: string; since: string } | null;
  /** Desired against observed, one sentence each; empty: none. */
  drift: string[];
  /** This console does not act as controller, and who does; null: it acts. */
  standingBy: string | null;
  asOf: string;
}

export interface ReleaseView {
  number: number;
  image: string;
  imageId: string;
  configHash: string;
  createdAt: string;
}

/** A release that there was; any but the current one can be gone back to. */
export interface KnownRelease extends ReleaseView {
  /** The whole fleet shall run it. */
  current: boolean;
  /** Gateways that run it, as observed. */
  gateways: string[];
}

/** gateway.json, its templates not filled in. */
export interface GatewayConfiguration {
  /** In the fleet's state directory: what a rollout takes unless it is given another. */
  text: string;
  /** Of the release that the fleet shall run; null: there is none yet. */
  running: string | null;
}

// ---- operations -------------------------------------------------------------------------------

export type OperationKind =
  | "switchover"
  | "failover"
  | "rollout"
  | "rollback"
  | "gateway-restart"
  | "gateway-drain"
  | "gateway-undrain"
  | "gateway-create"
  | "gateway-remove"
  | "edge-apply"
  | "host-drain"
  | "fleet-apply";
export type OperationState =
  | "running"
  | "paused"
  | "succeeded"
  | "failed"
  | "aborted"
  | "rolled-back";
export type StepState = "pending" | "running" | "done" | "failed" | "skipped";

export interface OperationStep {
  /** Stable within the operation, e.g. `drain`. */
  name: string;
  gateway?: string;
  state: StepState;
  startedAt: string | null;
  ms: number | null;
  detail: string | null;
  /** Where shards moved: how long nobody held one, as measured. */
  pauseMs?: number;
}

export interface OperationView {
  id: string;
  fleet: string;
  kind: OperationKind;
  state: OperationState;
  waitingFor?: string;
  /** One line that names it: "Promote gw-2", "Roll out 0.2.0". */
  title: string;
  steps: OperationStep[];
  /** A sentence once it is over, else null. */
  outcome: string | null;
  requestedBy: string;
  reason: string | null;
  aborting: boolean;
  /** For rollouts. */
  rollout: RolloutProgress | null;
  /** For switchover and failover. */
  failover: { from: string[]; to: string } | null;
  /** Not ordered by anybody: written down from what was observed. `cause` in words. */
  automatic: { cause: string } | null;
  /** nginx reloads of all edges while it ran; null: not known. */
  edgeReloads: number | null;
  /** Estimated from the steps done; null: over, or nothing to estimate from. */
  msLeft: number | null;
  startedAt: string;
  endedAt: string | null;
}

/** How a release is spread, with every default filled in. */
export interface RolloutStrategy {
  /** Changed and soaked together. */
  batchSize: number;
  /** Out of service at the same time, at most. */
  maxUnavailable: number;
  order: "startFirst" | "stopFirst";
  soakMs: number;
  /** Held for judgement before the rest; null: none. */
  canary: { stages: CanaryStage[] } | null;
}

/** Until so many gateways run the new release (a percent is rounded up), then the gate. */
export interface CanaryStage {
  gateways: { percent: number } | { count: number };
  gate: { by: "approval" } | { by: "time"; ms: number };
}

export interface RolloutProgress {
  from: string;
  to: string;
  fromImage: string;
  toImage: string;
  fromRelease: number;
  toRelease: number;
  /** Image and configuration, or one of them. */
  changes: ("image" | "configuration")[];
  order: { gateway: string; host: string; role: Role }[];
  soakMs: number;
  strategy: RolloutStrategy;
  direction: "forward" | "back";
  /** Why it goes back; null while forward. */
  cause: string | null;
  /** Gateways through with it, in the present direction. */
  done: string[];
  /** The gate that it waits at. `stage` is what an approval carries. */
  gate: { stage: string; needs: "approval" | "time"; untilAt: string | null } | null;
  /** Of those that are watched now, and the last one of each that was. */
  judgements: Judgement[];
}

/** A new gateway against the old release's own figures in the same window. */
export interface Judgement {
  gateway: string;
  /** `not-enough`: too little traffic to judge; never the same as pass. */
  verdict: "pass" | "fail" | "not-enough";
  windowMs: number;
  checks: JudgedFigure[];
}

export interface JudgedFigure {
  name: "ready" | "restarts" | "error-rate" | "slow-answers" | "accept-p99" | "turn-failures";
  verdict: "pass" | "fail" | "not-enough";
  /** Of the new gateway, and of those on the old release; null: no figure. */
  now: number | null;
  before: number | null;
  detail: string;
}

export type CheckVerdict = "pass" | "warn" | "fail";
export interface Check {
  name: string;
  verdict: CheckVerdict;
  detail: string;
}

export interface FailoverPreview {
  planHash: string;
  checks: Check[];
  steps: { name: string; detail: string; expectedMs: number | null }[];
  /** In words. */
  impact: string;
  from: string[];
  to: string;
  figures: { sessions: number; inFlight: number; expectedPauseMs: number | null; shards: number };
}

export interface RolloutPlan {
  planHash: string;
  checks: Check[];
  from: string;
  to: string;
  image: string;
  imageId: string | null;
  /** The exact order, batch by batch, as roles are now. */
  order: { gateway: string; host: string; role: Role; version: string; batch: number }[];
  steps: { name: string; gateway?: string; detail: string; expectedMs: number | null }[];
  soakMs: number;
  strategy: RolloutStrategy;
  changes: ("image" | "configuration")[];
  expectedMs: number;
}

// ---- the fleet as a document, and hosts in maintenance ---------------------------------------------

/** The fleet's spec as text that can be changed and applied again. */
export interface FleetExport {
  yaml: string;
}

/** One thing that a document would change. */
export interface FleetDifference {
  /** Where in the document, e.g. `gateways.gw-2.weight`. */
  path: string;
  kind: "add" | "remove" | "change";
  before: string | null;
  after: string | null;
  sentence: string;
  /**
   * What it costs: `none` (only the console's own rules), `reload` (of every edge, once for the whole document),
   * `moves-shards`, `starts` or `stops` a container (and reloads), `replaces` one (drained first, and reloads).
   */
  consequence: "none" | "reload" | "moves-shards" | "starts" | "stops" | "replaces";
}

export interface FleetApplied {
  /** Empty: the fleet is what the document says. */
  difference: FleetDifference[];
  /** Absent: a dry run, or nothing to do. */
  operationId?: string;
}

/** What draining a host would do. */
export interface HostDrainPreview {
  planHash: string;
  host: string;
  checks: Check[];
  /** What becomes of each gateway on it, in order. */
  gateways: {
    gateway: string;
    role: Role;
    /** `moved`: same name, another host; `replaced`: by a new one (`by`) that is started first; `removed`. */
    fate: "moved" | "replaced" | "removed";
    /** Host where it goes on; null: nowhere. */
    to: string | null;
    /** Name under which it goes on. */
    by: string | null;
  }[];
  steps: { name: string; gateway?: string; detail: string; expectedMs: number | null }[];
  impact: string;
}

// ---- feed: the one SSE stream of a page -----------------------------------------------------------

export interface FleetEvent {
  id: string;
  at: string;
  fleet: string;
  kind:
    | "role"
    | "health"
    | "operation"
    | "container"
    | "agent"
    | "redis"
    | "edge"
    | "login"
    | "configuration";
  severity: "info" | "good" | "warning" | "bad";
  gateway?: string;
  host?: string;
  operationId?: string;
  title: string;
  detail: string | null;
}

/** One point of the live figures, one second wide. Null: not known for that second (a gap stays a gap). */
export interface FigurePoint {
  at: string;
  acceptedPerSecond: number | null;
  duplicatesPerSecond: number | null;
  /** 0 to 1 within the second; null where nothing came in. */
  hitRate: number | null;
  sessions: number | null;
  sessionsByGateway: Record<string, number>;
  acceptP99Ms: number | null;
  backlog: number | null;
}

/** `snapshot` comes first and after a gap; later messages replace the part they name. */
export type FeedMessage =
  | {
      type: "snapshot";
      boot: string;
      fleet: FleetView;
      operations: OperationView[];
      events: FleetEvent[];
      figures: FigurePoint[];
    }
  | { type: "fleet"; fleet: FleetView }
  | { type: "operation"; operation: OperationView }
  | { type: "event"; event: FleetEvent }
  | { type: "figure"; point: FigurePoint };

// ---- sessions -----------------------------------------------------------------------------------

export interface SessionSummary {
  session: string;
  channel: string;
  shard: number;
  /** Who handled its last message. */
  gateway: string;
  epoch: number;
  messages: number;
  createdAt: string;
  lastAt: string;
  expiresAt: string;
}
export interface SessionMessage {
  eventId: string;
  role: "user" | "assistant" | "error";
  text: string;
  gateway: string;
  epoch: number;
  at: string;
}
export interface SessionDetail {
  session: string;
  shard: number;
  messages: SessionMessage[];
}
export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}
export interface DedupeStats {
  window: "15m" | "1h" | "24h" | "30d";
  total: DedupeTotals;
  channels: ({ channel: string; ttlSeconds: number } & DedupeTotals)[];
  /** The events that came again most often, most frequent first. */
  top: DuplicatedEvent[];
  /** From when `top` counts: whole quarters of an hour, a day at most. Null: it could not be read. */
  topSince: string | null;
  asOf: string;
}

export interface DuplicatedEvent {
  channel: string;
  session: string;
  eventId: string;
  /** How often it came after the first time, at least. */
  count: number;
}

/** What was given up after too many attempts, or because sending it again could say it twice. */
export interface DeadLetter {
  id: string;
  shard: number;
  /** An event that could not be answered, or a reply that could not be sent. */
  kind: "inbox" | "outbox";
  /** A stable code: `attempts-exhausted`; `refused`, `outcome-unknown`, `too-old`, `channel-gone`. */
  reason: string;
  /** The vendor's words, where there are any. */
  detail: string | null;
  channel: string;
  session: string;
  /** The provider's id, of an event. */
  eventId: string | null;
  /** The beginning of the event's text, or of the vendor's message (JSON). */
  preview: string;
  at: string;
}
export interface DeadLetterPage {
  items: DeadLetter[];
  nextCursor: string | null;
  /** How many there are in all. */
  total: number;
}

export type Window = DedupeStats["window"];

export interface FigureSeries {
  window: Window;
  /** Width of one point. */
  stepMs: number;
  points: FigurePoint[];
  asOf: string;
}

// ---- the rest of the record ---------------------------------------------------------------------

export interface Viewer {
  /** Of the person; null: the token of access.json. */
  id: string | null;
  name: string;
  email: string | null;
  /** Highest anywhere; null: none yet. What counts is `roles`. */
  role: ViewerRole | null;
  roles: Roles;
  via: "session" | "token";
  /** Asked for a code at login. */
  twoFactor: boolean;
  /** Of the token it came with: nothing made with it outlives it. Null: it does not end. */
  expiresAt: string | null;
}

/** An image that the fleet could run, for the rollout form. */
export interface ImageChoice {
  image: string;
  tag: string;
  imageId: string;
  sizeBytes: number;
  createdAt: string;
  /** Hosts that hold it already. */
  hosts: string[];
  /** Gateways that run it now. */
  gateways: string[];
}

export interface EdgeConfiguration extends EdgeView {
  /** What the fleet asks nginx to run. */
  configuration: string;
  /** Null: the edge has not said what it runs. */
  differs: boolean | null;
}

export interface JoinToken {
  token: string;
  /** To be pasted on the new host. */
  command: string;
  expiresAt: string;
  /** What has to be known before it is used, e.g. that Redis listens on loopback only. */
  warnings: string[];
}

export interface LogLine {
  at: string;
  stream: "stdout" | "stderr";
  line: string;
}
