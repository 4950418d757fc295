import { Refusal } from "@chela/shared/errors/refusal";
import type { FleetView, OperationKind } from "@chela/shared/fleet/view";
import type { SequenceStage } from "@chela/shared/operation/sequence";
import { HEALTHY_WITHIN_MS } from "@chela/shared/rollout/state";
import type { Release } from "../store/fleets.ts";

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
  kind: Extract<OperationKind, keyof typeof GATEWAY_WORDS>,
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
    case "gateway-remove":
      return [
        ...(others && answers ? [drain] : []),
        // Out of every edge before it stops, so that none tries a port that is gone.
        { name: "forget", gateway, action: { type: "forget", gateway } },
        { name: "edges", action: { type: "edges" } },
        { name: "remove", gateway, action: { type: "remove", gateway, host: seen.host } },
      ];
  }
}

/** A new gateway, up to where it stands by behind every edge. */
export function creationStages(
  wish: { gateway: string; host: string; weight: number; backup: boolean },
  release: Release,
): SequenceStage[] {
  const { gateway, host } = wish;
  const { number, image, imageId } = release;
  return [
    { name: "image", action: { type: "image", host, image, imageId } },
    { name: "create", gateway, action: { type: "create", ...wish, release: number } },
    {
      name: "healthy",
      gateway,
      action: { type: "healthy", gateway, release: number, withinMs: HEALTHY_WITHIN_MS },
    },
    { name: "edges", action: { type: "edges" } },
  ];
}

/** The first of gw-1, gw-2, … that no gateway has. */
export function freeName(view: FleetView): string {
  for (let number = 1; ; number++) {
    if (!view.gateways.some(({ name }) => name === `gw-${number}`)) return `gw-${number}`;
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
