import type {
  InvitationView,
  LoginView,
  NewInvitation,
  NewToken,
  TokenView,
  UserView,
} from "@chela/shared/access/view";
import type { AuditCheck, AuditExportPage, AuditRecord } from "@chela/shared/audit/record";
import type {
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
  OperationView,
  Page,
  RolloutPlan,
  SessionDetail,
  SessionSummary,
  Viewer,
} from "@chela/shared/fleet/view";
import type { inferRouterOutputs } from "@trpc/server";
import type { Redriven, Started } from "../console.ts";
import type { AppRouter } from "../router.ts";

/**
 * What procedures answer, by name, for the API's description: read from this very text by output-schemas.ts, held
 * against the router by the compiler below. What is missing here answers nothing (204).
 */
interface Outputs {
  "account.endLogin": Ended;
  "account.endOtherLogins": Ended;
  "account.logins": Page<LoginView>;
  "audit.actors": string[];
  "audit.export": AuditExportPage;
  "audit.list": Page<AuditRecord>;
  "audit.verify": AuditCheck;
  "deadLetters.list": DeadLetterPage;
  "deadLetters.redrive": Redriven;
  "dedupe.stats": DedupeStats;
  "edges.apply": Started;
  "edges.get": Page<EdgeConfiguration>;
  "edges.preview": Page<EdgeConfiguration>;
  "events.subscribe": FeedMessage;
  "failover.acknowledge": FleetView;
  "failover.execute": Started;
  "failover.pause": FleetView;
  "failover.preview": FailoverPreview;
  "failover.resume": FleetView;
  "figures.series": FigureSeries;
  "fleets.apply": FleetApplied;
  "fleets.create": FleetView;
  "fleets.export": FleetExport;
  "fleets.get": FleetView;
  "fleets.list": Page<FleetView>;
  "gateways.create": Started;
  "gateways.drain": Started;
  "gateways.logs": LogLine;
  "gateways.remove": Started;
  "gateways.restart": Started;
  "gateways.undrain": Started;
  "hosts.cordon": HostView;
  "hosts.createJoinToken": JoinToken;
  "hosts.drain": Started;
  "hosts.list": Page<HostView>;
  "hosts.previewDrain": HostDrainPreview;
  "hosts.uncordon": HostView;
  "images.list": Page<ImageChoice>;
  "invitations.create": NewInvitation;
  "invitations.list": Page<InvitationView>;
  "operations.abort": OperationView;
  "operations.get": OperationView;
  "operations.list": Page<OperationView>;
  "rollouts.abort": OperationView;
  "rollouts.approve": OperationView;
  "rollouts.configuration": GatewayConfiguration;
  "rollouts.pause": OperationView;
  "rollouts.plan": RolloutPlan;
  "rollouts.releases": Page<KnownRelease>;
  "rollouts.resume": OperationView;
  "rollouts.rollback": Started;
  "rollouts.start": Started;
  "sessions.get": SessionDetail;
  "sessions.list": Page<SessionSummary>;
  "tokens.create": NewToken;
  "tokens.list": Page<TokenView>;
  "users.endLogins": Ended;
  "users.list": Page<UserView>;
  "users.logins": Page<LoginView>;
  "viewer.me": Viewer;
}

interface Ended {
  /** How many browsers were signed out. */
  ended: number;
}

type Answers = inferRouterOutputs<AppRouter>;
type AnswerOf<Name> = Name extends keyof Answers
  ? Answers[Name]
  : Name extends `${infer Room}.${infer Verb}`
    ? Room extends keyof Answers
      ? Verb extends keyof Answers[Room]
        ? Event<Answers[Room][Verb]>
        : never
      : never
    : never;
/** Of a subscription, its events. */
type Event<Answer> =
  Answer extends AsyncIterable<infer Item>
    ? Item extends { id: string; data: infer Data }
      ? Data
      : Item
    : Answer;
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
type Wrong = {
  [Name in keyof Outputs]: Same<AnswerOf<Name>, Outputs[Name]> extends true ? never : Name;
}[keyof Outputs];
type Expect<Nothing extends never> = Nothing;
/** Procedures that answer something. Fails to compile where a row above is not what the router answers, naming it. */
export type OutputName = keyof Outputs | Expect<Wrong>;
