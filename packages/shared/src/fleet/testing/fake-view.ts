import type { ReleaseRef } from "../../rollout/state.ts";
import type { FleetView, GatewayView } from "../view.ts";

export const release = (number: number): ReleaseRef => ({
  number,
  image: `chela/gateway:${number}`,
  imageId: `sha256:${number}`,
  tag: String(number),
  configHash: `config:${number}`,
});

export interface FakeGateway {
  name: string;
  release: number;
  shards: number;
  draining?: boolean;
  healthy?: boolean;
  host?: string;
}

/** A fleet's view as tests need it: everything is fine unless said otherwise. */
export function fakeView(
  gateways: readonly FakeGateway[],
  generation = 1,
  nowMs = 0,
  over: Partial<FleetView> = {},
): FleetView {
  const at = new Date(nowMs).toISOString();
  return {
    fleet: "test",
    mode: "active-standby",
    actives: 1,
    preferred: gateways.map(({ name }) => name),
    generation,
    shards: { total: 16, held: 16 },
    gateways: gateways.map((gateway) => fakeGateway(gateway, at)),
    edges: [],
    hosts: [],
    redis: {
      reachable: true,
      reason: null,
      version: "7",
      role: "primary",
      usedMemoryBytes: 0,
      connectedClients: 0,
      opsPerSecond: 0,
      latencyMs: 1,
      persistence: null,
      observedAt: at,
    },
    sessions: { total: 0 },
    dedupe: { accepted: 0, duplicates: 0, hitRate: null },
    rates: { acceptedPerSecond: 0, duplicatesPerSecond: 0, acceptP99Ms: null },
    health: { verdict: "healthy", headline: "", sentence: "", notes: [] },
    operationId: null,
    release: null,
    failoverPaused: null,
    flapping: null,
    drift: [],
    standingBy: null,
    asOf: at,
    ...over,
  };
}

function fakeGateway(gateway: FakeGateway, at: string): GatewayView {
  const { name, shards, draining = false, healthy = true, host = "local" } = gateway;
  return {
    name,
    host,
    region: null,
    version: String(gateway.release),
    image: `chela/gateway:${gateway.release}`,
    imageId: `sha256:${gateway.release}`,
    release: gateway.release,
    role: draining ? "draining" : shards > 0 ? "active" : "standby",
    health: healthy ? "healthy" : "unhealthy",
    healthReason: null,
    epoch: shards > 0 ? 1 : null,
    shards,
    sessions: 0,
    inFlight: 0,
    backlog: 0,
    weight: 1,
    backup: false,
    containerId: "c",
    startedAt: "2026-01-01T00:00:00.000Z",
    restarts: 0,
    cpuPercent: null,
    memoryBytes: null,
    incarnation: `${name}-1`,
    observedAt: at,
  };
}
