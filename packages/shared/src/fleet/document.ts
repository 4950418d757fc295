import { z } from "zod";
import type { FleetSpec } from "./spec.ts";

/** Names become container names and DNS labels. */
const NAME = /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/;
const WEIGHT_MAX = 100;
const PORT_MAX = 65_535;

const name = z.string("a name is needed").regex(NAME, {
  message: "a name has lower-case letters, digits and hyphens, at most 40",
});
const whole = (least: number, most: number) => {
  const message = `a whole number from ${least} to ${most} is needed`;
  return z.int(message).min(least, message).max(most, message);
};
const oneOf = <const T extends readonly [string, ...string[]]>(words: T) =>
  z.enum(words, `one of ${words.join(", ")} is needed`);
const host = z.string("the name of a host is needed").min(1, "the name of a host is needed");

const gatewaySchema = z.strictObject(
  {
    name,
    host,
    weight: whole(1, WEIGHT_MAX).optional(),
    backup: z.boolean("true or false is needed").optional(),
  },
  "a gateway is needed: name, host, weight, backup",
);
const edgeSchema = z.strictObject(
  { name, host, port: whole(1, PORT_MAX) },
  "an edge is needed: name, host, port",
);

/**
 * A fleet as an operator writes it. What is left out stays as it is; a list that is given is the whole list. Strict: a
 * key that is not known is a fault, or a misspelt one would be dropped silently.
 */
export const documentSchema = z.strictObject(
  {
    fleet: z.string("the fleet's name is needed"),
    mode: oneOf(["active-standby", "active-active"]).optional(),
    actives: whole(1, 1_000).optional(),
    floor: whole(1, 1_000).optional(),
    reconcile: oneOf(["manual", "auto"]).optional(),
    /** For information: only a rollout changes it. */
    release: z
      .strictObject(
        { number: whole(1, 1e9).optional(), image: z.string("an image is needed").optional() },
        "number and image are needed, or nothing",
      )
      .nullish(),
    gateways: z.array(gatewaySchema, "a list of gateways is needed").optional(),
    edges: z.array(edgeSchema, "a list of edges is needed").optional(),
  },
  "a fleet is needed: fleet, mode, actives, floor, reconcile, gateways, edges",
);

/** A document with everything filled in. */
export interface FleetDocument
  extends Pick<FleetSpec, "fleet" | "mode" | "actives" | "floor" | "reconcile"> {
  release: { number: number; image: string } | null;
  gateways: { name: string; host: string; weight: number; backup: boolean }[];
  edges: { name: string; host: string; port: number }[];
}

export interface DocumentFault {
  path: readonly (string | number)[];
  message: string;
}

/** What is, as a document: what export writes. */
export function documentOf(spec: FleetSpec, release: FleetDocument["release"]): FleetDocument {
  const { fleet, mode, actives, floor, reconcile } = spec;
  return {
    ...{ fleet, mode, actives, floor, reconcile, release },
    gateways: spec.gateways.map(({ name, host, weight, backup }) => ({
      ...{ name, host, weight, backup },
    })),
    edges: spec.edges.map(({ name, host, port }) => ({ name, host, port })),
  };
}

/** What was written, completed by what is; or every fault of its form at once. */
export function readDocument(
  written: unknown,
  is: FleetDocument,
): { document: FleetDocument } | { faults: DocumentFault[] } {
  const result = documentSchema.safeParse(written);
  if (!result.success) return { faults: result.error.issues.flatMap(faultsOf) };
  const { gateways, edges, release, ...settings } = result.data;
  const faults = [
    ...(settings.fleet === is.fleet
      ? []
      : [fault(["fleet"], `this is the fleet ${is.fleet}: the name of a fleet is not changed`)]),
    ...releaseFaults(release ?? null, is.release),
    ...repeated("gateways", gateways ?? []),
    ...repeated("edges", edges ?? []),
  ];
  if (faults.length > 0) return { faults };
  const document: FleetDocument = {
    fleet: is.fleet,
    mode: settings.mode ?? is.mode,
    actives: settings.actives ?? is.actives,
    floor: settings.floor ?? is.floor,
    reconcile: settings.reconcile ?? is.reconcile,
    release: is.release,
    gateways:
      gateways?.map((each) => {
        const now = is.gateways.find((known) => known.name === each.name);
        const { weight = now?.weight ?? 1, backup = now?.backup ?? false } = each;
        return { name: each.name, host: each.host, weight, backup };
      }) ?? is.gateways,
    edges: edges ?? is.edges,
  };
  return { document };
}

function faultsOf(issue: z.core.$ZodIssue): DocumentFault[] {
  const path = issue.path.map((part) => (typeof part === "symbol" ? part.toString() : part));
  if (issue.code !== "unrecognized_keys") return [{ path, message: issue.message }];
  return issue.keys.map((key) =>
    fault([...path, key], "is not known here: correct its spelling or take it out"),
  );
}

function releaseFaults(
  written: { number?: number | undefined; image?: string | undefined } | null,
  is: FleetDocument["release"],
): DocumentFault[] {
  const told = (runs: string) =>
    `the fleet runs ${runs}: another one is brought by a rollout, not by this document. Leave \`release\` out, or as it was exported`;
  return [
    ...(written?.image === undefined || written.image === is?.image
      ? []
      : [fault(["release", "image"], told(is?.image ?? "no image yet"))]),
    ...(written?.number === undefined || written.number === is?.number
      ? []
      : [
          fault(
            ["release", "number"],
            told(is === null ? "no release yet" : `release ${is.number}`),
          ),
        ]),
  ];
}

function repeated(list: string, entries: readonly { name: string }[]): DocumentFault[] {
  return entries.flatMap(({ name }, index) => {
    const first = entries.findIndex((entry) => entry.name === name);
    return first === index
      ? []
      : [fault([list, index, "name"], `${name} stands here already: give each its own name`)];
  });
}

const fault = (path: DocumentFault["path"], message: string): DocumentFault => ({ path, message });
