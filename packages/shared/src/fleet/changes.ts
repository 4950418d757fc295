import type { FleetEvent, FleetView, GatewayView } from "./view.ts";

export type Change = Pick<FleetEvent, "kind" | "severity" | "title" | "detail"> &
  Partial<Pick<FleetEvent, "gateway" | "host">>;

/** What is worth telling between two looks, in words. */
export function changes(before: FleetView, after: FleetView): Change[] {
  return [
    ...after.gateways.flatMap((gateway) => {
      const earlier = before.gateways.find(({ name }) => name === gateway.name);
      return earlier === undefined ? [] : gatewayChanges(earlier, gateway);
    }),
    ...redisChanges(before, after),
    ...after.edges.flatMap((edge): Change[] => {
      const earlier = before.edges.find(({ name }) => name === edge.name);
      if (earlier === undefined || earlier.health === edge.health) return [];
      return [
        {
          kind: "edge",
          severity: edge.health === "healthy" ? "good" : "bad",
          title: `${edge.name} is ${edge.health}`,
          detail: edge.healthReason,
        },
      ];
    }),
    ...after.hosts.flatMap((host): Change[] => {
      const earlier = before.hosts.find(({ name }) => name === host.name);
      if (earlier?.connected === host.connected) return [];
      if (earlier === undefined && !host.connected) return [];
      return [
        {
          kind: "agent",
          severity: host.connected ? "good" : "warning",
          host: host.name,
          title: host.connected
            ? `Agent on ${host.name} is connected`
            : `Agent on ${host.name} is silent`,
          detail: host.connected
            ? null
            : "Its gateways go on; what is shown of them comes from Redis.",
        },
      ];
    }),
  ];
}

function gatewayChanges(before: GatewayView, after: GatewayView): Change[] {
  const told: Change[] = [];
  if (before.role !== after.role) {
    told.push({
      kind: "role",
      severity: after.role === "active" ? "good" : after.role === "down" ? "bad" : "info",
      gateway: after.name,
      host: after.host,
      title: `${after.name} is ${after.role}`,
      detail:
        after.role === "active"
          ? `It holds ${after.shards} shards${after.epoch === null ? "" : `, epoch ${after.epoch}`}.`
          : `It was ${before.role}.`,
    });
  }
  if (before.health !== after.health) {
    told.push({
      kind: "health",
      severity:
        after.health === "healthy" ? "good" : after.health === "starting" ? "info" : "warning",
      gateway: after.name,
      host: after.host,
      title: `${after.name} is ${after.health}`,
      detail: after.healthReason,
    });
  }
  return told;
}

function redisChanges(before: FleetView, after: FleetView): Change[] {
  if (before.redis.reachable === after.redis.reachable) return [];
  return [
    {
      kind: "redis",
      severity: after.redis.reachable ? "good" : "bad",
      title: after.redis.reachable ? "Redis answers again" : "Redis does not answer",
      detail: after.redis.reason,
    },
  ];
}
