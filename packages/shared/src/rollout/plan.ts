import type {
  Check,
  FleetView,
  OperationStep,
  RolloutPlan,
  RolloutStrategy,
} from "../fleet/view.ts";
import { begun } from "../operation/steps.ts";
import { inOrder } from "./choose.ts";
import { rolloutFacts } from "./facts.ts";
import { forecast } from "./forecast.ts";
import type { ReleaseRef, RolloutState } from "./state.ts";
import { stageName } from "./strategy.ts";

export function rolloutChecks(
  view: FleetView,
  target: { image: string; imageId: string | null; sameAsNow: boolean; config: string },
  strategy: RolloutStrategy,
): Check[] {
  const checks: Check[] = [
    target.imageId === null
      ? {
          name: "image",
          verdict: "fail",
          detail: `${target.image} is on none of the hosts and cannot be pulled: build it or load it on one of them.`,
        }
      : {
          name: "image",
          verdict: "pass",
          detail: `${target.image} is ${target.imageId.slice(0, 19)}.`,
        },
    target.sameAsNow
      ? {
          name: "release",
          verdict: "warn",
          detail:
            "Image and configuration are those that run already: every gateway is replaced by the same.",
        }
      : { name: "release", verdict: "pass", detail: target.config },
  ];
  const ill = view.gateways.filter(({ health }) => health !== "healthy");
  checks.push(
    ill.length === 0
      ? { name: "gateways", verdict: "pass", detail: "Every gateway is healthy." }
      : {
          name: "gateways",
          verdict: ill.length === view.gateways.length ? "fail" : "warn",
          detail: `${ill.map(({ name, health }) => `${name} is ${health}`).join(", ")}. It waits where another healthy one is needed.`,
        },
  );
  checks.push(capacity(view, strategy));
  const silent = view.hosts.filter(({ connected, gateways }) => !connected && gateways.length > 0);
  checks.push(
    silent.length === 0
      ? { name: "agents", verdict: "pass", detail: "Every agent answers." }
      : {
          name: "agents",
          verdict: "fail",
          detail: `The agent on ${silent.map(({ name }) => name).join(", ")} is silent: its gateways cannot be replaced.`,
        },
    view.operationId === null
      ? { name: "operation", verdict: "pass", detail: "No other operation is running." }
      : {
          name: "operation",
          verdict: "fail",
          detail: "Another operation is running on this fleet: wait for it, or abort it.",
        },
  );
  return checks;
}

function capacity(view: FleetView, { order, maxUnavailable }: RolloutStrategy): Check {
  const name = "capacity";
  const all = view.gateways.length;
  if (all === 0) return { name, verdict: "fail", detail: "The fleet has no gateway." };
  if (order === "startFirst") {
    return {
      name,
      verdict: "pass",
      detail: "Every new gateway is ready before the old one goes: none is ever out.",
    };
  }
  return {
    name,
    verdict: "pass",
    detail: `${all - maxUnavailable} of ${all} gateways accept webhooks at any time.`,
  };
}

/** What the plan stands on. */
export function planFacts(
  view: FleetView,
  target: { image: string; imageId: string | null; configHash: string },
): Record<string, string> {
  return {
    image: `${target.image} ${target.imageId ?? "missing"}`,
    configuration: target.configHash,
    gateways: view.gateways.map(({ name, host }) => `${name} on ${host}`).join(", "),
    "the running release": String(view.release?.number ?? 0),
  };
}

export interface RolloutInput {
  from: ReleaseRef;
  to: ReleaseRef;
  strategy: RolloutStrategy;
  floor: number;
  /** What steps took in the last rollouts, by name. */
  expected: Record<string, number>;
  mayGoBack: boolean;
}

export function planRollout(
  view: FleetView,
  input: RolloutInput,
  image: { image: string; imageId: string | null },
  checks: Check[],
  planHash: string,
): RolloutPlan {
  const { from, to, strategy } = input;
  const atMs = Date.parse(view.asOf);
  const { end, ms } = forecast(beginRollout(view, input, atMs), rolloutFacts(view, null), atMs);
  const batches = [...new Set(soaks(end).map(({ startedAt }) => startedAt))];
  const order = inBatches(end, plannedOrder(view));
  return {
    planHash,
    checks,
    from: from.tag,
    to: to.tag,
    ...image,
    order: order.map(({ name, host, role, version }) => {
      const at = soaks(end).find(({ gateway }) => gateway === name)?.startedAt ?? null;
      const batch = at === null ? batches.length : batches.indexOf(at);
      return { gateway: name, host, role, version, batch: batch + 1 };
    }),
    steps: end.steps.map(({ name, gateway, ms: expectedMs }) => ({
      name,
      ...(gateway !== undefined && { gateway }),
      detail: sentenceFor(name, gateway ?? "", input),
      expectedMs,
    })),
    soakMs: strategy.soakMs,
    strategy,
    changes: changesOf(from, to),
    expectedMs: ms ?? end.steps.reduce((sum, step) => sum + (step.ms ?? 0), 0),
  };
}

const soaks = ({ steps }: RolloutState): OperationStep[] =>
  steps.filter(({ name }) => name === "soak");

/** As the machine took them when it ran ahead; whom it did not reach comes after, as roles are now. */
function inBatches<T extends { name: string }>(end: RolloutState, gateways: readonly T[]): T[] {
  const reached = [...new Set(soaks(end).map(({ gateway }) => gateway))];
  const at = ({ name }: T) => {
    const index = reached.indexOf(name);
    return index < 0 ? reached.length : index;
  };
  return [...gateways].sort((a, b) => at(a) - at(b));
}

/** Which parts of the release differ. The same release again: both are placed anew. */
export function changesOf(from: ReleaseRef, to: ReleaseRef): ("image" | "configuration")[] {
  const changes: ("image" | "configuration")[] = [];
  if (from.imageId !== to.imageId) changes.push("image");
  if (from.configHash !== to.configHash) changes.push("configuration");
  return changes;
}

function sentenceFor(step: string, gateway: string, { strategy, to }: RolloutInput): string {
  switch (step) {
    case "image":
      return `${to.image} is brought to every host before the first gateway is touched.`;
    case "switchover":
      return `${gateway} becomes active; accepting never pauses.`;
    case "surge":
      return `A container with the new release starts beside ${gateway}.`;
    case "drain":
      return `${gateway} hands over its shards and finishes its turns; it goes on accepting.`;
    case "replace":
      return `${gateway} stops and starts again from the new release.`;
    case "take-over":
      return `The new container takes ${gateway}'s name; the old one goes.`;
    case "healthy":
      return `${gateway} answers that it is ready.`;
    case "back":
      return `${gateway} accepts and may hold shards again.`;
    case "share":
      return "The canary's part of the shards is written; nothing is reloaded.";
    case "soak":
      return `${gateway} is watched with traffic, beside the old release.`;
    case "settle":
      return `The fleet's release is ${to.number} from then on.`;
    default: {
      const index = (strategy.canary?.stages ?? []).findIndex((_, i) => stageName(i) === step);
      const gate = strategy.canary?.stages[index]?.gate;
      if (gate === undefined) return step;
      return gate.by === "approval"
        ? "It waits for an approval, and is watched all the while."
        : "It is watched until its time is over.";
    }
  }
}

/** Standbys first, the active last, as roles are now. */
export function plannedOrder(view: FleetView) {
  const facts = rolloutFacts(view, null);
  return inOrder(facts.gateways, facts).map(
    ({ name }) => view.gateways.find((gateway) => gateway.name === name)!,
  );
}

export function beginRollout(view: FleetView, input: RolloutInput, nowMs: number): RolloutState {
  return {
    machine: "rollout",
    ...input,
    direction: "forward",
    cause: null,
    failures: [],
    paused: false,
    aborting: false,
    phase: { at: "images", hosts: [...new Set(view.gateways.map(({ host }) => host))] },
    lanes: [],
    share: { wanted: null, written: null, write: null },
    stage: 0,
    watch: null,
    judgements: [],
    waiting: null,
    steps: [begun("image", undefined, nowMs)],
    visit: 0,
    replans: 0,
    changed: [],
    drained: [],
    surged: [],
    done: [],
    lost: [],
    order: plannedOrder(view).map(({ name, host, role }) => ({ gateway: name, host, role })),
    state: "running",
    outcome: null,
    startedAtMs: nowMs,
  };
}
