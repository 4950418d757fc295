import { describe, expect, it } from "vitest";
import type { GatewayObservation } from "../agent-link/schema.ts";
import type { Member } from "../lease/schema.ts";
import { changes } from "./changes.ts";
import type { Observation } from "./observation.ts";
import { fleetView } from "./view-of.ts";

const NOW = 1_700_000_000_000;
const at = new Date(NOW).toISOString();

function container(gateway: string, over: Partial<GatewayObservation> = {}): GatewayObservation {
  return {
    gateway,
    containerId: `c-${gateway}`,
    containerName: `chela-${gateway}`,
    image: "chela/gateway:1.0",
    imageId: "sha256:1",
    state: "running",
    exitCode: null,
    outOfMemory: false,
    lastExit: null,
    ports: [],
    surge: null,
    startedAt: new Date(NOW - 3_600_000).toISOString(),
    restarts: 0,
    address: { host: "10.0.0.1", port: 29_600 },
    release: 1,
    configHash: "h",
    operation: null,
    status: {
      gateway,
      incarnation: `${gateway}-i`,
      fleet: "f",
      version: "1.0",
      role: "standby",
      ready: true,
      reasons: [],
      warnings: [],
      draining: false,
      assistantUp: true,
      shards: [],
      inFlight: 2,
      backlog: 0,
      sockets: 0,
      counts: null,
      acceptP99Ms: 12,
      uptimeMs: 3_600_000,
    },
    statusAt: at,
    statusError: null,
    cpuPercent: 1,
    memoryBytes: 1,
    ...over,
  };
}

const member = (name: string, over: Partial<Member> = {}): Member => ({
  name,
  incarnation: `${name}-i`,
  beat: 1,
  version: "1.0",
  weight: 1,
  draining: false,
  assistantUp: true,
  tilt: false,
  inFlight: 0,
  since: NOW - 3_600_000,
  at: NOW - 100,
  ...over,
});

/** gw-1 holds both shards, gw-2 stands by. */
function observation(over: {
  containers?: GatewayObservation[];
  members?: Member[];
  connected?: boolean;
  reportAgoMs?: number;
  redis?: boolean;
}): Observation {
  const reachable = over.redis ?? true;
  return {
    nowMs: NOW,
    spec: {
      fleet: "f",
      mode: "active-standby",
      actives: 1,
      shards: 2,
      keyPrefix: "openclaw:",
      release: 1,
      reconcile: "manual",
      floor: 1,
      failoverPaused: null,
      gateways: ["gw-1", "gw-2"].map((name) => ({
        name,
        host: "local",
        port: 29_600,
        secondPort: null,
        weight: 1,
        backup: false,
        release: 1,
      })),
      edges: [{ name: "edge-1", host: "local", port: 8080, image: "chela/edge:1" }],
    },
    redis: {
      view: {
        reachable,
        reason: reachable ? null : "connection refused",
        version: null,
        role: null,
        usedMemoryBytes: null,
        connectedClients: null,
        opsPerSecond: null,
        latencyMs: null,
        persistence: null,
        observedAt: at,
      },
      nowMs: reachable ? NOW : null,
      control: null,
      members: reachable ? (over.members ?? [member("gw-1"), member("gw-2")]) : [],
      shards: reachable
        ? [0, 1].map((shard) => ({
            shard,
            lease: {
              holder: "gw-1",
              incarnation: "gw-1-i",
              epoch: 4 + shard,
              beat: 1,
              generation: 1,
            },
            sessions: 10,
            backlog: 3,
          }))
        : [],
    },
    hosts: [
      {
        name: "local",
        region: null,
        cordoned: false,
        connected: over.connected ?? true,
        report: {
          at,
          description: {
            host: "local",
            agentVersion: "1",
            engineVersion: "20",
            engineError: null,
            os: "Debian",
            cpus: 2,
            memoryBytes: 1,
            cpuPercent: 1,
            memoryUsedBytes: 1,
            address: "10.0.0.1",
          },
          gateways: over.containers ?? [container("gw-1"), container("gw-2")],
          edges: [
            {
              edge: "edge-1",
              containerId: "e",
              running: true,
              configHash: "x",
              reloads: 0,
              answers: [],
              probe: { ok: true, status: 200, ms: 2, at },
              error: null,
            },
          ],
        },
        reportAtMs: NOW - (over.reportAgoMs ?? 100),
        redisReachable: true,
        redisReason: null,
      },
    ],
    edgeUrls: { "edge-1": "http://127.0.0.1:8080" },
    dedupe: { accepted: 0, duplicates: 0, hitRate: null },
    rates: { acceptedPerSecond: 0, duplicatesPerSecond: 0 },
    operation: null,
    release: null,
  };
}

const gateway = (seen: Observation, name: string) =>
  fleetView(seen).gateways.find((candidate) => candidate.name === name)!;

describe("a gateway's role", () => {
  it("is active where a live incarnation of it holds a shard, with the figures of its shards", () => {
    expect(gateway(observation({}), "gw-1")).toMatchObject({
      role: "active",
      health: "healthy",
      shards: 2,
      epoch: 5,
      sessions: 20,
      backlog: 6,
    });
    expect(gateway(observation({}), "gw-2")).toMatchObject({ role: "standby", epoch: null });
  });

  it("is not active by the lease of an earlier incarnation", () => {
    const seen = observation({
      members: [member("gw-1", { incarnation: "gw-1-new" }), member("gw-2")],
    });
    expect(gateway(seen, "gw-1")).toMatchObject({ role: "standby", shards: 0 });
    expect(fleetView(seen).shards.held).toBe(0);
  });

  it("is down as soon as its container is not running, whatever lease it left", () => {
    const seen = observation({
      containers: [
        container("gw-1", { state: "exited", exitCode: 137, status: null }),
        container("gw-2"),
      ],
    });
    expect(gateway(seen, "gw-1")).toMatchObject({ role: "down", health: "unhealthy" });
  });

  it("is down when it neither answers nor beats, though its container runs", () => {
    const hung = container("gw-1", { status: null, statusError: "no answer in 1 s" });
    const seen = observation({
      containers: [hung, container("gw-2")],
      members: [member("gw-1", { at: NOW - 5_000 }), member("gw-2")],
    });
    expect(gateway(seen, "gw-1")).toMatchObject({ role: "down", health: "unhealthy", shards: 0 });
  });

  it("is draining before active, and tilt before draining", () => {
    const draining = observation({ members: [member("gw-1", { draining: true }), member("gw-2")] });
    draining.hosts[0]!.report!.gateways[0]!.status!.draining = true;
    expect(gateway(draining, "gw-1").role).toBe("draining");
    draining.redis.members[0]!.tilt = true;
    expect(gateway(draining, "gw-1").role).toBe("tilt");
  });
});

describe("a gateway's health", () => {
  it("is unreachable once its agent is silent, while leases still tell its role", () => {
    const seen = observation({ connected: false });
    expect(gateway(seen, "gw-1")).toMatchObject({ role: "active", health: "unreachable" });
    expect(gateway(observation({ reportAgoMs: 10_000 }), "gw-1").health).toBe("unreachable");
  });

  it("is starting for a new container and unhealthy for an old one that is not ready", () => {
    const young = container("gw-2", {
      startedAt: new Date(NOW - 1_000).toISOString(),
      status: null,
    });
    expect(gateway(observation({ containers: [container("gw-1"), young] }), "gw-2").health).toBe(
      "starting",
    );
    const old = container("gw-2");
    old.status = { ...old.status!, ready: false, reasons: ["redis unreachable"] };
    expect(gateway(observation({ containers: [container("gw-1"), old] }), "gw-2")).toMatchObject({
      health: "unhealthy",
      healthReason: "Not ready: redis unreachable.",
    });
  });
});

describe("the health sentence", () => {
  it("names who is active and who stands by", () => {
    expect(fleetView(observation({})).health).toMatchObject({
      verdict: "healthy",
      sentence: "gw-1 is active on local; gw-2 stands by, ready.",
    });
  });

  it("says down, and what becomes of webhooks, when Redis does not answer", () => {
    expect(fleetView(observation({ redis: false })).health).toMatchObject({ verdict: "down" });
  });

  it("says how many events wait when nobody holds a shard", () => {
    const { health } = fleetView(observation({ members: [member("gw-2")] }));
    expect(health).toMatchObject({ verdict: "down" });
    expect(health.sentence).toContain("6");
  });

  it("is degraded without a standby", () => {
    const containers = [container("gw-1"), container("gw-2", { state: "exited", status: null })];
    expect(fleetView(observation({ containers, members: [member("gw-1")] })).health.verdict).toBe(
      "degraded",
    );
  });

  it("is unclear while an agent is silent", () => {
    expect(fleetView(observation({ connected: false })).health.verdict).toBe("unclear");
  });
});

it("tells a change of role and health once, with its reason", () => {
  const before = fleetView(observation({}));
  const after = fleetView(
    observation({
      containers: [
        container("gw-1", { state: "exited", exitCode: 137, status: null }),
        container("gw-2"),
      ],
    }),
  );
  expect(changes(before, after).map(({ title }) => title)).toEqual([
    "gw-1 is down",
    "gw-1 is unhealthy",
  ]);
  expect(changes(after, after)).toEqual([]);
});
