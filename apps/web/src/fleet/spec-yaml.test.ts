import { fleetDifference } from "@chela/shared/fleet/difference";
import { type FleetDocument, readDocument } from "@chela/shared/fleet/document";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readYaml, specYaml } from "./spec-yaml.ts";

const HOSTS = [
  { name: "local", region: null, cordoned: false, connected: true },
  { name: "host-b", region: "eu-1", cordoned: true, connected: false },
];
const IS: FleetDocument = {
  ...{ fleet: "chela", mode: "active-standby", actives: 1, floor: 1, reconcile: "manual" },
  release: { number: 3, image: "chela/gateway:0.2.0" },
  gateways: [{ name: "gw-1", host: "local", weight: 1, backup: false }],
  edges: [{ name: "edge-1", host: "local", port: 8080 }],
};
const name = fc.constantFrom("gw-1", "no", "on", "y", "null", "1e3", "0x1f", "12", "true", "a-b");
const documents: fc.Arbitrary<FleetDocument> = fc.record({
  fleet: name,
  mode: fc.constantFrom("active-standby", "active-active"),
  actives: fc.integer({ min: 1, max: 1_000 }),
  floor: fc.integer({ min: 1, max: 1_000 }),
  reconcile: fc.constantFrom("manual", "auto"),
  release: fc.option(
    fc.record({ number: fc.integer({ min: 1, max: 9 }), image: fc.string({ minLength: 1 }) }),
  ),
  gateways: fc.uniqueArray(
    fc.record({
      ...{ name, host: fc.string({ minLength: 1 }) },
      ...{ weight: fc.integer({ min: 1, max: 100 }), backup: fc.boolean() },
    }),
    { selector: (gateway) => gateway.name },
  ),
  edges: fc.uniqueArray(
    fc.record({ name, host: name, port: fc.integer({ min: 1, max: 65_535 }) }),
    { selector: (edge) => edge.name },
  ),
});

describe("the fleet as YAML", () => {
  it("is readable, commented, and names what only a rollout changes", () => {
    expect(specYaml(IS, HOSTS)).toMatchInlineSnapshot(`
      "# The fleet chela. Change it and apply it again; what is left out stays as it is, a list that is given is the
      # whole list. A new weight or host means that the gateway is drained and started anew.

      fleet: chela
      mode: active-standby # active-standby: one gateway processes, the others stand by; active-active: \`actives\` of them do
      actives: 1 # how many gateways process; in active-standby 1
      floor: 1 # the console leaves no fewer healthy gateways than this, whatever it does
      reconcile: manual # manual: drift is shown; auto: it is corrected

      # For information: another image or configuration is brought by a rollout.
      release:
        number: 3
        image: chela/gateway:0.2.0

      # Hosts: local, host-b (eu-1, cordoned, its agent is silent).
      gateways:
        - name: gw-1
          host: local
          weight: 1
          backup: false

      edges:
        - name: edge-1
          host: local
          port: 8080
      "
    `);
  });

  it("read again changes nothing, whatever the names look like", () => {
    fc.assert(
      fc.property(documents, (is) => {
        const text = readYaml(specYaml(is, HOSTS));
        expect(text.faults).toEqual([]);
        const read = readDocument(text.value, is);
        expect(read).toEqual({ document: is });
        expect("document" in read && fleetDifference(is, read.document)).toEqual([]);
        expect(specYaml(is, HOSTS)).toBe(specYaml(structuredClone(is), HOSTS));
      }),
    );
  });

  it("is told with line and path what is wrong in it", () => {
    const text = readYaml("fleet: chela\ngateways:\n  - name: gw-1\n    hots: local\n");
    const read = readDocument(text.value, IS);
    expect("faults" in read && read.faults.map(text.placed)).toEqual([
      "line 3, gateways[0].host: the name of a host is needed",
      "line 4, gateways[0].hots: is not known here: correct its spelling or take it out",
    ]);
  });

  it.each([
    ["a key twice", "floor: 1\nfloor: 2\n", "line 2: Map keys must be unique"],
    ["two documents", "a: 1\n---\nb: 1\n", "line 2: A second document begins: send one at a time"],
    [
      "an alias",
      "a: &x 1\nb: *x\n",
      "Aliases (*name) are not understood here: write each value out.",
    ],
    [
      "a tag of its own",
      "a: !!js/function x\n",
      "line 1: Unresolved tag: tag:yaml.org,2002:js/function",
    ],
  ])("is refused with %s", (_, text, fault) => {
    expect(readYaml(text).faults).toEqual([fault]);
  });

  it("is nothing where nothing is written", () => {
    expect(readYaml("")).toMatchObject({ value: null, faults: [] });
  });
});
