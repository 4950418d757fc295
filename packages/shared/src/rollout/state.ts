import type {
  Judgement,
  OperationState,
  OperationStep,
  Role,
  RolloutStrategy,
} from "../fleet/view.ts";
import type { GatewayFacts } from "./facts.ts";
import type { Watch } from "./watch.ts";

export interface ReleaseRef {
  number: number;
  image: string;
  imageId: string;
  tag: string;
  configHash: string;
}

/** What is done to one gateway, one after the other. */
export type LaneStage =
  /** The preference names `to`; then every shard is handed over to it. */
  | "prefer"
  | "handover"
  /** What a bad one said last, before its container goes. */
  | "words"
  /** Start first: the new container beside it, and until that one is ready. */
  | "surge"
  | "ready"
  | "drain"
  | "replace"
  | "take-over"
  | "healthy"
  | "unsurge"
  | "back";

/** One gateway's way through. Several go side by side; a lane with nothing left to do rests until its batch soaks. */
export interface Lane {
  gateway: string;
  /** Makes every action's key unique, and the same one after a restart. */
  visit: number;
  /** What is still to be done; the first is under way. */
  todo: LaneStage[];
  /** Index in `steps` of what is under way; null: it shows none. */
  step: number | null;
  /** Who gets its shards, and the control record's generation that this was decided on. */
  to: string | null;
  generation: number;
  urgent: boolean;
  /** Its container is stopped only if it still says that it holds nothing. */
  drained: boolean;
  /** Its container is another one than at the lane's beginning. */
  replaced: boolean;
  /** Of the direction that was turned from: what it is about is finished, then it ends. */
  stray: boolean;
}

export type Phase =
  | { at: "images"; hosts: string[] }
  /** Gateways are chosen, and their lanes go on. */
  | { at: "batch" }
  | { at: "soak"; untilMs: number }
  /** Of canary stage `stage`, counted from 0. `untilMs` null: by approval. */
  | { at: "gate"; stage: number; untilMs: number | null; approvedBy: string | null }
  | { at: "settle" }
  | { at: "over" };

/** The canary's part of the shards, as the control record shall say and as it was last written. */
export interface Share {
  wanted: Shared | null;
  written: Shared | null;
  /** The write under way. */
  write: { visit: number; generation: number; step: number; of: Shared | null } | null;
}
export interface Shared {
  gateways: string[];
  percent: number;
}

export interface RolloutState {
  machine: "rollout";
  from: ReleaseRef;
  to: ReleaseRef;
  strategy: RolloutStrategy;
  /** Never fewer healthy gateways than this. */
  floor: number;
  /** `back`: every gateway that was changed returns to `from`. Never turns forward again. */
  direction: "forward" | "back";
  /** False for a rollback: that is never rolled back itself. */
  mayGoBack: boolean;
  /** Why it went back: null while forward. `bad`: whose gateways are withdrawn at once. */
  cause: { kind: "abort" | "failed"; message: string; bad: string[] } | null;
  /** What could not be put right; it goes on with the rest, and ends as failed. */
  failures: string[];
  paused: boolean;
  aborting: boolean;
  phase: Phase;
  lanes: Lane[];
  share: Share;
  /** Index of the canary stage that is filled or waits; the number of stages once all are passed. */
  stage: number;
  watch: Watch | null;
  /** The last one of each gateway. */
  judgements: Judgement[];
  /** For what it waits, and since when; null: for nothing but what is under way. */
  waiting: { for: string; sinceMs: number } | null;
  /** What was done and is being done, in order. */
  steps: OperationStep[];
  /** Raised by each lane and each write of the share. */
  visit: number;
  /** How often something was decided anew, because what it stood on had changed. */
  replans: number;
  /** Gateways whose container this rollout has ordered to be changed, in that order. */
  changed: string[];
  /** Those that it has ordered to drain, and that are neither replaced nor back. */
  drained: string[];
  /** Those that may have a container beside the one that serves. */
  surged: string[];
  /** Gateways that are through in the present direction. */
  done: string[];
  /** Those that could not be brought back. */
  lost: string[];
  /** By step, ms, from the last rollouts: what is expected. */
  expected: Record<string, number>;
  order: { gateway: string; host: string; role: Role }[];
  state: OperationState;
  outcome: string | null;
  startedAtMs: number;
}

export interface RolloutFacts {
  gateways: GatewayFacts[];
  mode: "active-standby" | "active-active";
  generation: number;
  preferred: string[];
}

/** A new container that does not answer by then is a failed one. */
export const HEALTHY_WITHIN_MS = 60_000;
/** For so long it waits for gateways that would have to be there; then it says that it cannot go on. */
export const CAPACITY_WITHIN_MS = 10 * 60_000;
/** Whoever finds everything changed this often has met something that does not settle. */
export const REPLANS_MAX = 20;

/** The release that gateways get in the present direction. */
export const targetOf = (state: RolloutState): ReleaseRef =>
  state.direction === "forward" ? state.to : state.from;

/** A lane that has something to do. */
export const isBusy = (lane: Lane): boolean => lane.todo.length > 0;
