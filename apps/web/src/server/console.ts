import type {
  DeadLetter,
  DeadLetterPage,
  DedupeStats,
  EdgeConfiguration,
  FailoverPreview,
  FeedMessage,
  FigureSeries,
  FleetApplied,
  FleetExport,
  FleetView,
  GatewayConfiguration,
  HostDrainPreview,
  HostView,
  ImageChoice,
  JoinToken,
  KnownRelease,
  LogLine,
  OperationKind,
  OperationView,
  Page,
  RolloutPlan,
  SessionDetail,
  SessionSummary,
  Window,
} from "@chela/shared/fleet/view";
import type { StrategyInput } from "@chela/shared/rollout/strategy";
import type { AuditNotes } from "../audit/attempt.ts";
import type { Audit } from "../audit/audit.ts";

import type { Invitations } from "../auth/invitations.ts";
import type { People } from "../auth/people.ts";
import type { ApiTokens } from "../auth/tokens.ts";

/** Who asks, for the record. */
export interface Actor {
  name: string;
  /** Address of the connection itself; forwarding headers are never believed. */
  from: string | null;
  /** What the record of this request shall say; undefined: there is none, it is no request of the control API. */
  note?: (notes: AuditNotes) => void;
}

export interface FailoverRequest {
  fleet: string;
  /** The one that becomes active. */
  gateway: string;
  kind: "switchover" | "failover";
}

export interface HostDrainRequest {
  fleet: string;
  host: string;
  /** `others` (default): its gateways go on elsewhere; `none`: they are removed. */
  moveTo?: "others" | "none" | undefined;
}

export interface RolloutRequest {
  fleet: string;
  /** Undefined: the image that runs now. */
  image?: string | undefined;
  /** Text of gateway.json. Undefined: the file in the state directory. */
  config?: string | undefined;
  /** What is left out takes its default. */
  strategy: StrategyInput;
}

interface PageRequest {
  cursor?: string | undefined;
  limit?: number | undefined;
}

interface DeadLetterRequest {
  fleet: string;
  shard: number;
  id: string;
}

export interface Redriven {
  kind: DeadLetter["kind"];
  session: string;
  /** Of the new entry, in the shard's inbox or outbox. */
  entryId: string;
}

/** What the control API can ask for: the seam between routers and everything behind them. */
export interface Console {
  readonly fleets: {
    list(): FleetView[];
    /** A look from now. Throws NOT_FOUND. */
    get(fleet: string): Promise<FleetView>;
    /** An empty one, which runs at once. Its name may have been another one's: that one's data is taken up again. */
    create(
      request: { fleet: string; keyPrefix?: string | undefined; shards?: number | undefined },
      by: Actor,
    ): Promise<FleetView>;
    /** Takes a fleet without gateways and edges off the console; its hosts are cut off, its data in Redis stays. */
    remove(request: { fleet: string; confirm: string }, by: Actor): Promise<void>;
  };
  readonly operations: {
    get(operationId: string): Promise<OperationView>;
    list(
      filter: PageRequest & {
        fleets?: readonly string[] | undefined;
        kind?: OperationKind | undefined;
      },
    ): Promise<Page<OperationView>>;
  };
  readonly commands: Commands;
  readonly releases: {
    list(fleet: string, page: PageRequest): Promise<Page<KnownRelease>>;
    configuration(fleet: string): Promise<GatewayConfiguration>;
  };
  readonly sessions: {
    list(
      filter: PageRequest & {
        fleet: string;
        query?: string | undefined;
        channel?: string | undefined;
        gateway?: string | undefined;
      },
    ): Promise<Page<SessionSummary>>;
    get(fleet: string, session: string): Promise<SessionDetail>;
  };
  readonly deadLetters: {
    list(page: PageRequest & { fleet: string }): Promise<DeadLetterPage>;
    /** Throws NOT_FOUND where it does not stand there any more. */
    redrive(letter: DeadLetterRequest, by: Actor): Promise<Redriven>;
    discard(letter: DeadLetterRequest, by: Actor): Promise<void>;
  };
  readonly figures: {
    series(fleet: string, window: Window): Promise<FigureSeries>;
    dedupe(fleet: string, window: Window): Promise<DedupeStats>;
  };
  readonly hosts: {
    createJoinToken(
      input: { fleet: string; host: string; region?: string | undefined },
      by: Actor,
    ): Promise<JoinToken>;
    revoke(fleet: string, host: string, by: Actor): Promise<void>;
    setCordoned(fleet: string, host: string, cordoned: boolean, by: Actor): Promise<HostView>;
    images(fleet: string): Promise<ImageChoice[]>;
  };
  readonly edges: { configurations(fleet: string, edge?: string): Promise<EdgeConfiguration[]> };
  readonly logs: {
    /** Ends when `signal` is aborted or the container is gone; without `follow` with the last line there is. */
    follow(
      fleet: string,
      gateway: string,
      how: { tail: number; follow: boolean },
      signal: AbortSignal,
    ): Promise<AsyncIterable<LogLine>>;
  };
  readonly feed: {
    subscribe(
      fleet: string,
      lastEventId: string | null,
      signal: AbortSignal,
    ): AsyncIterable<{ id: string; message: FeedMessage }>;
  };
  readonly audit: Audit;
  readonly people: People;
  readonly invitations: Invitations;
  readonly tokens: ApiTokens;
}

export interface Started {
  operationId: string;
}

/** Everything that changes a fleet: each starts or steers an operation. All throw `Refusal`. */
export interface Commands {
  previewFailover(request: FailoverRequest): Promise<FailoverPreview>;
  executeFailover(
    request: FailoverRequest & {
      planHash?: string | undefined;
      reason?: string | undefined;
      idempotencyKey?: string | undefined;
      confirm?: string | undefined;
    },
    by: Actor,
  ): Promise<Started>;
  /** Until it is resumed, nothing moves away from a gateway by itself as long as it may come back. Answers the fleet. */
  pauseFailover(
    request: { fleet: string; reason?: string | undefined },
    by: Actor,
  ): Promise<FleetView>;
  resumeFailover(request: { fleet: string }, by: Actor): Promise<FleetView>;
  /** Repeated moves up to now are not counted any more. */
  acknowledgeFlapping(request: { fleet: string }, by: Actor): Promise<FleetView>;
  planRollout(request: RolloutRequest): Promise<RolloutPlan>;
  startRollout(
    request: RolloutRequest & {
      planHash?: string | undefined;
      reason?: string | undefined;
      idempotencyKey?: string | undefined;
    },
    by: Actor,
  ): Promise<Started>;
  rollBack(
    request: { fleet: string; release?: number | undefined; idempotencyKey?: string | undefined },
    by: Actor,
  ): Promise<Started>;
  pause(operationId: string, by: Actor): Promise<OperationView>;
  resume(operationId: string, by: Actor): Promise<OperationView>;
  approve(operationId: string, stage: string | undefined, by: Actor): Promise<OperationView>;
  abort(operationId: string, by: Actor): Promise<OperationView>;
  gateway(
    kind: "gateway-restart" | "gateway-drain" | "gateway-undrain" | "gateway-remove",
    request: {
      fleet: string;
      gateway: string;
      confirm?: string | undefined;
      reason?: string | undefined;
      idempotencyKey?: string | undefined;
    },
    by: Actor,
  ): Promise<Started>;
  createGateway(
    request: {
      fleet: string;
      host: string;
      gateway?: string | undefined;
      weight?: number | undefined;
      backup?: boolean | undefined;
      idempotencyKey?: string | undefined;
    },
    by: Actor,
  ): Promise<Started>;
  applyEdges(
    request: { fleet: string; idempotencyKey?: string | undefined },
    by: Actor,
  ): Promise<Started>;
  exportSpec(fleet: string): Promise<FleetExport>;
  /** One operation for the whole document; none where it changes nothing. */
  applySpec(
    request: {
      fleet: string;
      yaml: string;
      dryRun?: boolean | undefined;
      reason?: string | undefined;
      idempotencyKey?: string | undefined;
    },
    by: Actor,
  ): Promise<FleetApplied>;
  previewDrain(request: HostDrainRequest): Promise<HostDrainPreview>;
  drainHost(
    request: HostDrainRequest & {
      planHash?: string | undefined;
      reason?: string | undefined;
      idempotencyKey?: string | undefined;
    },
    by: Actor,
  ): Promise<Started>;
}
