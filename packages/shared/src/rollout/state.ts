import type { OperationState, OperationStep, Role } from "../fleet/view.ts";

export interface ReleaseRef {
  number: number;
  image: string;
  imageId: string;
  tag: string;
}

/** Where a rollout stands. Each stage but `choose` waits for one action's result. */
export type Stage =
  | { at: "images"; hosts: string[]; done: number }
  /** Decide from what is observed now who is next; `waiting` says for what it waits. */
  | { at: "choose"; waiting: string | null }
  | { at: "switch"; gateway: string; to: string; step: "prefer" | "handover"; generation: number }
  | { at: "drain"; gateway: string }
  | { at: "replace"; gateway: string; drained: boolean }
  | { at: "healthy"; gateway: string }
  | { at: "back"; gateway: string }
  | { at: "soak"; gateway: string; untilMs: number }
  | { at: "settle" }
  | { at: "over" };

export interface RolloutState {
  machine: "rollout";
  from: ReleaseRef;
  to: ReleaseRef;
  soakMs: number;
  /** `back`: every gateway that was changed returns to `from`. Never turns forward again. */
  direction: "forward" | "back";
  /** False for a rollback: that is never rolled back itself. */
  mayGoBack: boolean;
  /** Why it went back: null while forward. */
  cause: { kind: "abort" | "failed"; message: string } | null;
  paused: boolean;
  aborting: boolean;
  stage: Stage;
  /** What was done and is being done, in order. */
  steps: OperationStep[];
  /** Visits of a gateway begun: makes every action's key unique, and the same one after a restart. */
  visit: number;
  /** Gateways that this rollout has drained or replaced. */
  touched: string[];
  /** Gateways that are through in the present direction. */
  done: string[];
  order: { gateway: string; host: string; role: Role }[];
  state: OperationState;
  outcome: string | null;
  startedAtMs: number;
}

/** What is observed of a gateway when the next one is chosen. */
export interface GatewayFacts {
  name: string;
  host: string;
  healthy: boolean;
  draining: boolean;
  shards: number;
  /** Release that its container carries; null: no container. */
  release: number | null;
}

export interface RolloutFacts {
  gateways: GatewayFacts[];
  mode: "active-standby" | "active-active";
  generation: number;
  preferred: string[];
}

/** A new container that does not answer by then is a failed one. */
export const HEALTHY_WITHIN_MS = 60_000;
export const DEFAULT_SOAK_MS = 10_000;
