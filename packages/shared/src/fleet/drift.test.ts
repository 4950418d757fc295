import { describe, expect, it } from "vitest";
import type { GatewayObservation } from "../agent-link/schema.ts";
import type { ChangeFacts } from "./change-stages.ts";
import { driftOf } from "./drift.ts";
import { driftChange, driftStages } from "./drift-stages.ts";
import type { Observation } from "./observation.ts";
import { fakeView } from "./testing/fake-view.ts";

const NOW = 1_000_000;

const container = (
  gateway: string,
  over: Partial<GatewayObservation> = {},
): GatewayObservation => ({
  ...{
    gateway,
    containerId: `c-${gateway}`,
    containerName: `f-${gateway}`,
    image: "chela/gateway:1",
  },
  ...{ imageId: "sha256:1", state: "running", exitCode: null, outOfMemory: false, lastExit: null },
  ...{ startedAt: null, restarts: 0, address: null, release: 1, configHash: null, operation: null },
  ...{ status: null, statusAt: null, statusError: null, cpuPercent: null, memoryBytes: null },
  ...{ ports: [20_001, 20_002], surge: null },
  ...over,
});

/** gw-1 as it shall be, on host-a. */
function seen(gateways: GatewayObservation[], over: Partial<Observation> = {}): Observation {
  return {
    nowMs: NOW,
    spec: {
      ...{ fleet: "f", mode: "active-standby", actives: 1, shards: 16, keyPrefix: "openclaw:" },
      ...{ release: 1, reconcile: "manual", floor: 1, failoverPaused: null },
      gateways: [
        {
          name: "gw-1",
          host: "host-a",
          port: 20_001,
          secondPort: 20_002,
          weight: 2,
          backup: false,
          release: 1,
        },
      ],
      edges: [{ name: "edge-1", host: "host-a", port: 8080, image: "chela/edge:1" }],
    },
    redis: {
      ...{ nowMs: NOW, members: [], shards: [] },
      control: {
        ...{ layout: 1, shards: 16, mode: "active-standby", actives: 1, preferred: [] },
        ...{ generation: 1, operation: "", canary: null, paused: false },
      } as unknown as Observation["redis"]["control"],
      view: fakeView([]).redis,
    },
    hosts: [
      {
        ...{ name: "host-a", region: null, cordoned: false, connected: true },
        ...{ reportAtMs: NOW, redisReachable: true, redisReason: null },
        report: {
          at: new Date(NOW).toISOString(),
          gateways,
          edges: [
            {
              ...{ edge: "edge-1", containerId: "e", running: true, configHash: "given" },
              ...{ reloads: 0, answers: [], probe: null, error: null },
            },
          ],
        } as unknown as Observation["hosts"][number]["report"],
      },
    ],
    edgeUrls: {},
    dedupe: { accepted: 0, duplicates: 0, hitRate: null },
    rates: { acceptedPerSecond: 0, duplicatesPerSecond: 0 },
    operation: null,
    release: {
      number: 1,
      image: "chela/gateway:1",
      imageId: "sha256:1",
      configHash: "",
      createdAt: "",
    },
    edgeHashes: { "edge-1": "given" },
    ...over,
  };
}
const drifts = (observation: Observation, weight = 2) =>
  driftOf(observation, () => ({ weight }) as never);
const told = (observation: Observation, weight?: number) =>
  drifts(observation, weight).map(({ sentence }) => sentence);

describe("drift", () => {
  it("is none where everything is as it shall be", () => {
    expect(told(seen([container("gw-1")]))).toEqual([]);
  });

  it.each<[string, GatewayObservation[], string]>([
    ["a missing gateway", [], "gw-1 has no container on host-a."],
    [
      "another release",
      [container("gw-1", { release: 2 })],
      "gw-1 runs release 2 (chela/gateway:1), the fleet's is 1.",
    ],
    [
      "a container made by hand",
      [container("gw-1", { release: null })],
      "gw-1 runs no release (chela/gateway:1), the fleet's is 1.",
    ],
    [
      "another image under the release",
      [container("gw-1", { imageId: "sha256:9" })],
      "gw-1 runs image 9, release 1 is 1.",
    ],
    [
      "another port",
      [container("gw-1", { ports: [20_001, 20_009] })],
      "gw-1 listens on port 20009, the edges know 20001 and 20002.",
    ],
    [
      "a surge container that is left",
      [container("gw-1", { surge: container("gw-1", { containerName: "f-gw-1-next" }) })],
      "f-gw-1-next is left on host-a, and no rollout runs.",
    ],
    [
      "a container that the fleet does not have",
      [container("gw-1"), container("gw-9")],
      "f-gw-9 on host-a carries this fleet's label, but the fleet has no gw-9 there.",
    ],
  ])("tells %s in one sentence", (_, containers, sentence) => {
    expect(told(seen(containers))).toEqual([sentence]);
  });

  it("tells another weight, another mode in Redis, and an edge that runs something else", () => {
    expect(told(seen([container("gw-1")]), 1)).toEqual([
      "gw-1 runs with weight 1, the spec says 2.",
    ]);
    const observation = seen([container("gw-1")], { edgeHashes: { "edge-1": "other" } });
    observation.redis.control!.mode = "active-active";
    expect(told(observation)).toEqual([
      "The control record in Redis says active-active with 1, the spec active-standby with 1.",
      "edge-1 runs another configuration than the one that it was given.",
    ]);
  });

  it("is not what an operation is just doing, nor what a silent host cannot tell", () => {
    const operation = { id: "op_1", kind: "rollout", title: "" };
    expect(told(seen([container("gw-1", { release: 2 })], { operation }), 1)).toEqual([]);
    expect(told(seen([container("gw-9")], { operation }))).toHaveLength(1);
    const silent = seen([]);
    silent.hosts[0]!.connected = false;
    expect(told(silent)).toEqual([]);
  });

  it("is corrected by starting anew what is stale and taking away what nobody wants", () => {
    const observation = seen([container("gw-1", { release: 2 }), container("gw-9")]);
    const all = drifts(observation, 1);
    const release = { number: 1, image: "chela/gateway:1", imageId: "sha256:1" };
    const facts: ChangeFacts = {
      view: fakeView([
        { name: "gw-1", release: 2, shards: 16 },
        { name: "gw-2", release: 1, shards: 0 },
      ]),
      ...{ release, releaseOf: () => release, operationId: "op_1" },
    };
    const stages = driftStages(all, driftChange(all, observation.spec), facts);
    expect(stages.map(({ action }) => action)).toMatchObject([
      { type: "remove", gateway: "gw-9", host: "host-a" },
      { type: "drain", gateway: "gw-1" },
      { type: "replace", gateway: "gw-1", release: 1, weight: 2, drained: true },
      { type: "healthy", gateway: "gw-1", release: 1 },
      { type: "edges" },
      { type: "verify" },
    ]);
  });
});
