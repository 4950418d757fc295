import { flappingOf } from "../failover/flapping.ts";
import { driftOf } from "./drift.ts";
import { healthOf } from "./gateway-health.ts";
import { healthSentence } from "./health.ts";
import { tagOf } from "./image-reference.ts";
import { liveMember, newestMember } from "./members.ts";
import { containerOf, type HostReading, isFresh, type Observation } from "./observation.ts";
import type { GatewayWish } from "./spec.ts";
import type { EdgeView, FleetView, GatewayView, Health, HostView, Role } from "./view.ts";

const iso = (ms: number) => new Date(ms).toISOString();

/** What was observed, as the screen and the API show it. Roles and figures are what somebody reported, never what is hoped for. */
export function fleetView(seen: Observation): FleetView {
  const gateways = seen.spec.gateways.map((wish) => gatewayView(seen, wish));
  const { control } = seen.redis;
  const view: Omit<FleetView, "health"> = {
    fleet: seen.spec.fleet,
    mode: control?.mode ?? seen.spec.mode,
    actives: control?.actives ?? seen.spec.actives,
    preferred: control?.preferred ?? [],
    generation: control?.generation ?? 0,
    shards: {
      total: control?.shards ?? seen.spec.shards,
      held: seen.redis.shards.filter(({ lease }) => lease && liveMember(seen, lease)).length,
    },
    gateways,
    edges: seen.spec.edges.map((wish) => edgeView(seen, wish.name)),
    hosts: seen.hosts.map((host) => hostView(seen, host)),
    redis: seen.redis.view,
    sessions: { total: sum(seen.redis.shards, ({ sessions }) => sessions) },
    dedupe: seen.dedupe,
    rates: { ...seen.rates, acceptP99Ms: worst(seen) },
    operationId: seen.operation?.id ?? null,
    release: seen.release,
    failoverPaused: seen.spec.failoverPaused,
    flapping: flappingOf(warnings(seen), seen.flappingSinceMs ?? seen.nowMs),
    drift: driftOf(seen, (gateway) => newestMember(seen, gateway)).map(({ sentence }) => sentence),
    standingBy: seen.standingBy ?? null,
    asOf: iso(seen.nowMs),
  };
  return {
    ...view,
    health: healthSentence(view, {
      operation: seen.operation,
      waiting: sum(seen.redis.shards, ({ backlog }) => backlog),
    }),
  };
}

function gatewayView(seen: Observation, wish: GatewayWish): GatewayView {
  const host = seen.hosts.find(({ name }) => name === wish.host);
  const fresh = host !== undefined && isFresh(seen, host);
  const container = containerOf(host, wish.name);
  const status = fresh ? (container?.status ?? null) : null;
  const member = newestMember(seen, wish.name);
  const held = seen.redis.view.reachable
    ? seen.redis.shards.filter(
        ({ lease }) => lease?.holder === wish.name && liveMember(seen, lease) !== undefined,
      )
    : [];
  const heldByItsWord = seen.redis.view.reachable ? null : (status?.shards ?? null);
  const { health, reason } = healthOf(seen, host, container, member);
  const shards = heldByItsWord?.length ?? held.length;
  const down = member === undefined && status === null;
  return {
    name: wish.name,
    host: wish.host,
    region: host?.region ?? null,
    version: tagOf(container?.image ?? ""),
    image: container?.image ?? "",
    imageId: container?.imageId ?? null,
    release: container?.release ?? null,
    role: roleOf({
      down: down || (fresh && container?.state !== "running"),
      tilt: status?.role === "tilt" || member?.tilt === true,
      draining: status?.draining ?? member?.draining ?? false,
      shards,
    }),
    health,
    healthReason: reason,
    epoch: epochOf(heldByItsWord ?? held.map(({ lease }) => ({ epoch: lease!.epoch }))),
    shards,
    sessions: sum(held, ({ sessions }) => sessions),
    inFlight: status?.inFlight ?? member?.inFlight ?? 0,
    backlog: sum(held, ({ backlog }) => backlog),
    weight: wish.weight,
    backup: wish.backup,
    containerId: container?.containerId ?? null,
    startedAt: container?.startedAt ?? null,
    restarts: container?.restarts ?? 0,
    cpuPercent: container?.cpuPercent ?? null,
    memoryBytes: container?.memoryBytes ?? null,
    incarnation: member?.incarnation ?? status?.incarnation ?? null,
    observedAt: host?.reportAtMs ? iso(host.reportAtMs) : null,
  };
}

/** Order of the contract: where several hold, the first counts. */
function roleOf(is: { down: boolean; tilt: boolean; draining: boolean; shards: number }): Role {
  if (is.down) return "down";
  if (is.tilt) return "tilt";
  if (is.draining) return "draining";
  return is.shards > 0 ? "active" : "standby";
}

function edgeView(seen: Observation, name: string): EdgeView {
  const wish = seen.spec.edges.find((edge) => edge.name === name)!;
  const host = seen.hosts.find((candidate) => candidate.name === wish.host);
  const edge = host?.report?.edges.find((candidate) => candidate.edge === name);
  const silent = host === undefined || !isFresh(seen, host);
  const health: [Health, string | null] = silent
    ? ["unreachable", "The agent of its host is silent."]
    : edge === undefined || !edge.running
      ? ["unhealthy", edge?.error ?? "Its container is not running."]
      : edge.probe === null
        ? ["starting", "Nothing has been sent through it yet."]
        : edge.probe.ok
          ? ["healthy", edge.error]
          : [
              "unhealthy",
              edge.error ?? `A probe through it answered ${edge.probe.status ?? "nothing"}.`,
            ];
  return {
    name,
    host: wish.host,
    health: health[0],
    healthReason: health[1],
    url: seen.edgeUrls[name] ?? "",
    configHash: edge?.configHash ?? null,
    reloads: edge?.reloads ?? 0,
    upstreams: seen.spec.gateways.flatMap((gateway) => {
      const address = containerOf(
        seen.hosts.find((candidate) => candidate.name === gateway.host),
        gateway.name,
      )?.address;
      return address
        ? [
            {
              gateway: gateway.name,
              address: `${address.host}:${address.port}`,
              weight: gateway.weight,
              backup: gateway.backup,
            },
          ]
        : [];
    }),
    observedAt: host?.reportAtMs ? iso(host.reportAtMs) : null,
  };
}

function hostView(seen: Observation, host: HostReading): HostView {
  const description = host.report?.description ?? null;
  return {
    name: host.name,
    region: host.region,
    connected: host.connected,
    cordoned: host.cordoned,
    address: description?.address ?? null,
    agentVersion: description?.agentVersion ?? null,
    engineVersion: description?.engineVersion ?? null,
    os: description?.os ?? null,
    cpus: description?.cpus ?? null,
    memoryBytes: description?.memoryBytes ?? null,
    cpuPercent: description?.cpuPercent ?? null,
    memoryUsedBytes: description?.memoryUsedBytes ?? null,
    gateways: seen.spec.gateways.filter((g) => g.host === host.name).map((g) => g.name),
    redisReachable: host.redisReachable,
    redisReason: host.redisReason,
    lastSeenAt: host.reportAtMs ? iso(host.reportAtMs) : null,
  };
}

function warnings(seen: Observation): string[] {
  return seen.hosts
    .filter((host) => isFresh(seen, host))
    .flatMap((host) => host.report?.gateways ?? [])
    .flatMap(({ status }) => status?.warnings ?? []);
}

function worst(seen: Observation): number | null {
  const figures = seen.hosts
    .filter((host) => isFresh(seen, host))
    .flatMap((host) => host.report?.gateways ?? [])
    .flatMap(({ status }) => (status?.acceptP99Ms == null ? [] : [status.acceptP99Ms]));
  return figures.length === 0 ? null : Math.max(...figures);
}

function epochOf(held: { epoch: number }[]): number | null {
  return held.length === 0 ? null : Math.max(...held.map(({ epoch }) => epoch));
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
