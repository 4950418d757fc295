import type { Check, FleetView, OperationStep, RolloutPlan } from "../fleet/view.ts";
import { begun, pending } from "../operation/steps.ts";
import { inOrder } from "./choose.ts";
import type { ReleaseRef, RolloutFacts, RolloutState } from "./state.ts";

const EXPECTED_MS = { switchover: 150, drain: 200, replace: 2_500, healthy: 1_500, back: 50 };

export function rolloutFacts(view: FleetView): RolloutFacts {
  return {
    gateways: view.gateways.map((gateway) => ({
      name: gateway.name,
      host: gateway.host,
      healthy: gateway.health === "healthy",
      draining: gateway.role === "draining",
      shards: gateway.shards,
      release: gateway.containerId === null ? null : gateway.release,
    })),
    mode: view.mode,
    generation: view.generation,
    preferred: view.preferred,
  };
}

/** Standbys first, the active last, as roles are now. */
export function plannedOrder(view: FleetView) {
  return inOrder(
    view.gateways.map((gateway) => ({ ...gateway, healthy: gateway.health === "healthy" })),
  );
}

/** The steps that lie ahead, if roles stay as they are. */
export function stepsAhead(
  facts: RolloutFacts,
  due: readonly string[],
  soak: boolean,
): OperationStep[] {
  const waiting = inOrder(facts.gateways.filter(({ name }) => due.includes(name)));
  return waiting.flatMap(({ name, shards }) => [
    ...(shards > 0 && facts.mode === "active-standby" && facts.gateways.length > 1
      ? [pending("switchover", facts.gateways.find((other) => other.name !== name)?.name)]
      : []),
    ...(facts.gateways.length > 1 ? [pending("drain", name)] : []),
    pending("replace", name),
    pending("healthy", name),
    pending("back", name),
    ...(soak ? [pending("soak", name)] : []),
  ]);
}

export function rolloutChecks(
  view: FleetView,
  target: { image: string; imageId: string | null; sameAsNow: boolean; config: string },
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
  if (view.gateways.length === 0) {
    checks.push({ name: "capacity", verdict: "fail", detail: "The fleet has no gateway." });
  } else if (view.gateways.length === 1) {
    checks.push({
      name: "capacity",
      verdict: "warn",
      detail:
        "There is one gateway only: webhooks get 503 while it is replaced, and are sent again by their providers.",
    });
  } else {
    checks.push({
      name: "capacity",
      verdict: "pass",
      detail: `${view.gateways.length - 1} of ${view.gateways.length} gateways accept webhooks at any time.`,
    });
  }
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

export function planRollout(
  view: FleetView,
  target: { from: string; to: string; image: string; imageId: string | null },
  checks: Check[],
  soakMs: number,
  planHash: string,
): RolloutPlan {
  const order = plannedOrder(view);
  const ahead = stepsAhead(
    rolloutFacts(view),
    order.map(({ name }) => name),
    true,
  );
  return {
    planHash,
    checks,
    ...target,
    order: order.map(({ name, host, role, version }) => ({ gateway: name, host, role, version })),
    steps: ahead.map(({ name, gateway }) => ({
      name,
      ...(gateway !== undefined && { gateway }),
      detail: sentenceFor(name, gateway ?? ""),
      expectedMs:
        name === "soak" ? soakMs : (EXPECTED_MS[name as keyof typeof EXPECTED_MS] ?? null),
    })),
    soakMs,
  };
}

function sentenceFor(step: string, gateway: string): string {
  switch (step) {
    case "switchover":
      return `${gateway} becomes active; accepting never pauses.`;
    case "drain":
      return `${gateway} takes no new turns and finishes those in flight.`;
    case "replace":
      return `${gateway} is stopped and started from the new image.`;
    case "healthy":
      return `${gateway} answers that it is ready.`;
    case "back":
      return `${gateway} accepts again.`;
    default:
      return `${gateway} is watched.`;
  }
}

export function beginRollout(
  view: FleetView,
  input: { from: ReleaseRef; to: ReleaseRef; soakMs: number; mayGoBack: boolean },
  nowMs: number,
): RolloutState {
  const hosts = [...new Set(view.gateways.map(({ host }) => host))];
  return {
    machine: "rollout",
    ...input,
    direction: "forward",
    cause: null,
    paused: false,
    aborting: false,
    stage: { at: "images", hosts, done: 0 },
    steps: [begun("image", undefined, nowMs)],
    visit: 0,
    touched: [],
    done: [],
    order: plannedOrder(view).map(({ name, host, role }) => ({ gateway: name, host, role })),
    state: "running",
    outcome: null,
    startedAtMs: nowMs,
  };
}
