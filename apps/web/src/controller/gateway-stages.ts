import { Refusal } from "@chela/shared/errors/refusal";
import type { FleetView } from "@chela/shared/fleet/view";
import type { SequenceStage } from "@chela/shared/operation/sequence";
import { HEALTHY_WITHIN_MS } from "@chela/shared/rollout/state";

export const GATEWAY_WORDS = {
  "gateway-restart": {
    title: "Restart",
    success: "{gateway} was restarted and is back. Done in {ms}.",
  },
  "gateway-drain": {
    title: "Drain",
    success: "{gateway} is drained: it accepts, and processes nothing. Done in {ms}.",
  },
  "gateway-undrain": {
    title: "Undrain",
    success: "{gateway} may hold shards again. Done in {ms}.",
  },
  "gateway-remove": { title: "Remove", success: "{gateway} is removed. Done in {ms}." },
} as const;

/** What is done to one gateway, as the fleet is now. */
export function gatewayStages(
  kind: "gateway-restart" | "gateway-drain" | "gateway-undrain",
  gateway: string,
  view: FleetView,
): SequenceStage[] {
  const seen = view.gateways.find(({ name }) => name === gateway)!;
  const others = view.gateways.some(
    ({ name, health, role }) => name !== gateway && health === "healthy" && role !== "draining",
  );
  const answers = seen.health === "healthy";
  const drain: SequenceStage = { name: "drain", gateway, action: { type: "drain", gateway } };
  const undrain: SequenceStage = { name: "back", gateway, action: { type: "undrain", gateway } };
  switch (kind) {
    case "gateway-drain":
      return [drain];
    case "gateway-undrain":
      return [undrain];
    case "gateway-restart":
      return [
        ...(others && answers ? [drain] : []),
        { name: "restart", gateway, action: { type: "restart", gateway } },
        {
          name: "healthy",
          gateway,
          action: { type: "healthy", gateway, release: null, withinMs: HEALTHY_WITHIN_MS },
        },
        { ...undrain, always: true },
      ];
  }
}

/** @throws Refusal */
export function refuseCreation(view: FleetView, gateway: string, host: string): void {
  const there = view.hosts.find(({ name }) => name === host);
  if (there === undefined) {
    throw new Refusal("NOT_FOUND", "no-such-host", `There is no host ${host} in ${view.fleet}.`);
  }
  if (!there.connected) {
    throw new Refusal(
      "PRECONDITION_FAILED",
      "host-silent",
      `The agent on ${host} is silent: start it first.`,
    );
  }
  if (there.cordoned) {
    throw new Refusal(
      "PRECONDITION_FAILED",
      "host-cordoned",
      `${host} is cordoned: uncordon it first.`,
    );
  }
  if (there.redisReachable === false) {
    throw new Refusal(
      "PRECONDITION_FAILED",
      "redis-unreachable",
      there.redisReason ?? `Redis is not reachable from ${host}.`,
    );
  }
  if (view.gateways.some(({ name }) => name === gateway)) {
    throw new Refusal("CONFLICT", "name-taken", `${gateway} exists already.`);
  }
}
