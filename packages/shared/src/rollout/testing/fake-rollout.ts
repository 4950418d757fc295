import type { RolloutStrategy } from "../../fleet/view.ts";
import type { Figures, GatewayFacts } from "../facts.ts";
import type { ReleaseRef, RolloutFacts, RolloutState } from "../state.ts";

export const ref = (number: number, over: Partial<ReleaseRef> = {}): ReleaseRef => ({
  number,
  image: `chela/gateway:${number}`,
  imageId: `sha256:${number}`,
  tag: String(number),
  configHash: "same",
  ...over,
});

export const ONE_AT_A_TIME: RolloutStrategy = {
  batchSize: 1,
  maxUnavailable: 1,
  order: "stopFirst",
  soakMs: 1_000,
  canary: null,
};

export const NO_FIGURES: Figures = {
  startedAt: "2026-01-01T00:00:00.000Z",
  restarts: 0,
  running: true,
  exit: null,
  counts: null,
  answers: null,
};

export const gateway = (name: string, over: Partial<GatewayFacts> = {}): GatewayFacts => ({
  name,
  host: "local",
  region: null,
  seen: true,
  healthy: true,
  reason: null,
  draining: false,
  shards: 0,
  release: 1,
  observedAtMs: 0,
  figures: NO_FIGURES,
  ...over,
});

export const facts = (
  gateways: readonly GatewayFacts[],
  over: Partial<RolloutFacts> = {},
): RolloutFacts => ({
  gateways: [...gateways],
  mode: "active-standby",
  generation: 1,
  preferred: [],
  ...over,
});

/** In the middle of it, from release 1 to 2, with nothing under way. */
export const rollout = (over: Partial<RolloutState> = {}): RolloutState => ({
  machine: "rollout",
  from: ref(1),
  to: ref(2),
  strategy: ONE_AT_A_TIME,
  floor: 1,
  direction: "forward",
  mayGoBack: true,
  cause: null,
  failures: [],
  paused: false,
  aborting: false,
  phase: { at: "batch" },
  lanes: [],
  share: { wanted: null, written: null, write: null },
  stage: 0,
  watch: null,
  judgements: [],
  waiting: null,
  steps: [],
  visit: 0,
  replans: 0,
  changed: [],
  drained: [],
  surged: [],
  done: [],
  lost: [],
  expected: {},
  order: [],
  state: "running",
  outcome: null,
  startedAtMs: 0,
  ...over,
});
