import type {
  DeadLetter,
  DeadLetterPage,
  DedupeStats,
  EdgeConfiguration,
  FailoverPreview,
  FeedMessage,
  FigureSeries,
  FleetView,
  HostView,
  ImageChoice,
  JoinToken,
  LogLine,
  OperationKind,
  OperationView,
  Page,
  RolloutPlan,
  SessionDetail,
  SessionSummary,
  Window,
} from "@chela/shared/fleet/view";
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

export interface RolloutRequest {
  fleet: string;
  /** Undefined: the image that runs now. */
  image?: string | undefined;
  /** Text of gateway.json. Undefined: the file in the state directory. */
  config?: string | undefined;
  strategy: { soakMs?: number | undefined };
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
    /** Ends when `signal` is aborted or the container is gone. */
    follow(
      fleet: string,
      gateway: string,
      tail: number,
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
}
