import { describe, expect, it } from "vitest";
import { type FleetDocument, readDocument } from "./document.ts";
import { documentFaults } from "./document-faults.ts";

const IS: FleetDocument = {
  ...{ fleet: "prod", mode: "active-standby", actives: 1, floor: 1, reconcile: "manual" },
  release: { number: 3, image: "chela/gateway:3" },
  gateways: [
    { name: "gw-1", host: "host-a", weight: 2, backup: false },
    { name: "gw-2", host: "host-b", weight: 1, backup: true },
  ],
  edges: [{ name: "edge-1", host: "host-a", port: 8080 }],
};
const host = (name: string, over = {}) => ({
  ...{ name, connected: true, cordoned: false, redisReachable: true, redisReason: null },
  ...over,
});
const HOSTS = [
  host("host-a"),
  host("host-b"),
  host("cordoned", { cordoned: true }),
  host("silent", { connected: false }),
  host("cut", { redisReachable: false, redisReason: "Redis is not reachable from cut." }),
];

const faultsOf = (written: unknown) => {
  const read = readDocument(written, IS);
  const faults = "faults" in read ? read.faults : documentFaults(IS, read.document, HOSTS);
  return faults.map(({ path, message }) => `${path.join(".")}: ${message}`);
};
const gateway = (name: string, over = {}) => ({ name, host: "host-a", ...over });

describe("a document", () => {
  it("is completed by what is: what is left out stays", () => {
    expect(readDocument({ fleet: "prod" }, IS)).toEqual({ document: IS });
    const read = readDocument({ fleet: "prod", gateways: [gateway("gw-1"), gateway("gw-3")] }, IS);
    expect("document" in read && read.document.gateways).toEqual([
      { name: "gw-1", host: "host-a", weight: 2, backup: false },
      { name: "gw-3", host: "host-a", weight: 1, backup: false },
    ]);
  });

  it("is told every fault of its form at once, each with its path", () => {
    expect(
      faultsOf({
        ...{ fleet: "prod", mode: "both", actives: 0, flor: 1 },
        gateways: [{ name: "GW 1", host: "", wieght: 2 }, "gw-2"],
        edges: [{ name: "edge-1", host: "host-a", port: "8080" }],
      }),
    ).toEqual([
      "mode: one of active-standby, active-active is needed",
      "actives: a whole number from 1 to 1000 is needed",
      "gateways.0.name: a name has lower-case letters, digits and hyphens, at most 40",
      "gateways.0.host: the name of a host is needed",
      "gateways.0.wieght: is not known here: correct its spelling or take it out",
      "gateways.1: a gateway is needed: name, host, weight, backup",
      "edges.0.port: a whole number from 1 to 65535 is needed",
      "flor: is not known here: correct its spelling or take it out",
    ]);
  });

  it.each([null, 1, "fleet: prod", []])("that is %j is no fleet", (written) => {
    expect(faultsOf(written)).toEqual([
      ": a fleet is needed: fleet, mode, actives, floor, reconcile, gateways, edges",
    ]);
  });

  it("changes neither the fleet's name nor its release: that is a rollout's", () => {
    const told = faultsOf({ fleet: "other", release: { number: 4, image: "chela/gateway:4" } });
    expect(told).toHaveLength(3);
    expect(told[0]).toContain("this is the fleet prod");
    expect(told[1]).toContain(
      "release.image: the fleet runs chela/gateway:3: another one is brought by a rollout",
    );
    expect(told[2]).toContain("release.number: the fleet runs release 3");
  });

  it("names each gateway and edge once", () => {
    expect(faultsOf({ fleet: "prod", gateways: [gateway("gw-1"), gateway("gw-1")] })).toEqual([
      "gateways.1.name: gw-1 stands here already: give each its own name",
    ]);
  });

  it("is told everything that cannot be done with this fleet at once", () => {
    expect(
      faultsOf({
        ...{ fleet: "prod", actives: 2, floor: 9 },
        gateways: [
          gateway("gw-1", { host: "cordoned" }),
          gateway("gw-2", { host: "host-b" }),
          gateway("gw-3", { host: "silent" }),
          gateway("gw-4", { host: "nowhere" }),
          gateway("gw-5", { host: "cut" }),
        ],
        edges: [
          { name: "edge-1", host: "host-b", port: 8080 },
          { name: "edge-2", host: "host-b", port: 8080 },
          { name: "gw-1", host: "host-a", port: 8081 },
        ],
      }),
    ).toEqual([
      "actives: is 2, but in active-standby exactly 1 processes: write 1, or mode: active-active",
      "floor: is 9, but the fleet would have 5 gateways",
      "gateways.2.host: the agent on silent is silent: start it first",
      "gateways.3.host: there is no host nowhere: host-a, host-b, cordoned, silent, cut are known",
      "gateways.4.host: Redis is not reachable from cut.",
      "gateways.0.host: cordoned is cordoned: uncordon it first, or choose another host",
      "edges.0.host: edge-1 runs on host-a, and clients know it there: add an edge of another name on host-b, move the clients, then take edge-1 out",
      "edges.1.port: edge-1 listens on port 8080 of host-b already",
      "edges.2.name: gw-1 is a gateway's name already",
    ]);
  });

  it("needs one gateway that is not a backup, and finds no fault with what stays as it is", () => {
    expect(
      faultsOf({
        fleet: "prod",
        gateways: [gateway("gw-1", { backup: true }), { ...IS.gateways[1] }],
      }),
    ).toEqual(["gateways: every gateway is a backup: nginx needs at least one that is not"]);
    const odd: FleetDocument = {
      ...IS,
      floor: 5,
      gateways: [gateway("gw-1", { host: "gone", weight: 1, backup: false }) as never],
    };
    expect(documentFaults(odd, structuredClone(odd), HOSTS)).toEqual([]);
  });
});
