import type { FleetDocument } from "./document.ts";
import type { FleetDifference } from "./view.ts";

/** What a document would change, one entry for each thing, in the document's order. */
export function fleetDifference(is: FleetDocument, wanted: FleetDocument): FleetDifference[] {
  return [
    ...settingDifference(is, wanted),
    ...gatewayDifference(is.gateways, wanted.gateways),
    ...edgeDifference(is.edges, wanted.edges),
  ];
}

function settingDifference(is: FleetDocument, wanted: FleetDocument): FleetDifference[] {
  const change = (
    path: "mode" | "actives" | "floor" | "reconcile",
    consequence: FleetDifference["consequence"],
    sentence: string,
  ): FleetDifference[] =>
    is[path] === wanted[path]
      ? []
      : [
          {
            ...{ path, kind: "change", consequence, sentence },
            before: String(is[path]),
            after: String(wanted[path]),
          },
        ];
  return [
    ...change(
      "mode",
      "moves-shards",
      wanted.mode === "active-active"
        ? `Sessions are spread over ${wanted.actives} gateways.`
        : "One gateway processes every session, the others stand by.",
    ),
    ...change(
      "actives",
      "moves-shards",
      `${wanted.actives} ${wanted.actives === 1 ? "gateway processes" : "gateways process"} sessions instead of ${is.actives}.`,
    ),
    ...change(
      "floor",
      "none",
      `Nothing that the console does leaves fewer than ${wanted.floor} healthy ${wanted.floor === 1 ? "gateway" : "gateways"}.`,
    ),
    ...change(
      "reconcile",
      "none",
      wanted.reconcile === "auto" ? "Drift is corrected by itself." : "Drift is only shown.",
    ),
  ];
}

type Gateway = FleetDocument["gateways"][number];

function gatewayDifference(is: readonly Gateway[], wanted: readonly Gateway[]): FleetDifference[] {
  return [
    ...wanted.flatMap((gateway) => {
      const now = is.find(({ name }) => name === gateway.name);
      return now === undefined ? [added(gateway)] : changed(now, gateway);
    }),
    ...is
      .filter(({ name }) => !wanted.some((gateway) => gateway.name === name))
      .map(
        ({ name, host }): FleetDifference => ({
          ...{ path: `gateways.${name}`, kind: "remove", consequence: "stops" },
          ...{ before: `on ${host}`, after: null },
          sentence: `${name} on ${host} hands its sessions over, leaves every edge and is removed.`,
        }),
      ),
  ];
}

const added = ({ name, host, weight, backup }: Gateway): FleetDifference => ({
  ...{ path: `gateways.${name}`, kind: "add", consequence: "starts" },
  before: null,
  after: `on ${host}, weight ${weight}${backup ? ", backup" : ""}`,
  sentence: `${name} is started on ${host} and joins every edge.`,
});

function changed(now: Gateway, { name, host, weight, backup }: Gateway): FleetDifference[] {
  const change = (
    member: keyof Gateway,
    to: Gateway[keyof Gateway],
    consequence: FleetDifference["consequence"],
    sentence: string,
  ): FleetDifference[] =>
    now[member] === to
      ? []
      : [
          {
            ...{ path: `gateways.${name}.${member}`, kind: "change", consequence, sentence },
            before: String(now[member]),
            after: String(to),
          },
        ];
  return [
    ...change(
      "host",
      host,
      "replaces",
      `${name} hands its sessions over, is removed from ${now.host} and started on ${host}.`,
    ),
    ...change(
      "weight",
      weight,
      "replaces",
      `${name} hands its sessions over and is started again with weight ${weight}.`,
    ),
    ...change(
      "backup",
      backup,
      "reload",
      backup
        ? `Edges send to ${name} only when every other gateway fails.`
        : `Edges send to ${name} like to the others.`,
    ),
  ];
}

type Edge = FleetDocument["edges"][number];

function edgeDifference(is: readonly Edge[], wanted: readonly Edge[]): FleetDifference[] {
  return [
    ...wanted.flatMap(({ name, host, port }): FleetDifference[] => {
      const now = is.find((edge) => edge.name === name);
      if (now === undefined) {
        return [
          {
            ...{ path: `edges.${name}`, kind: "add", consequence: "starts" },
            ...{ before: null, after: `on ${host}, port ${port}` },
            sentence: `${name} is started on ${host} and listens on port ${port}.`,
          },
        ];
      }
      return [
        ...(now.host === host
          ? []
          : [
              {
                ...{ path: `edges.${name}.host`, kind: "change" as const },
                ...{ consequence: "replaces" as const, before: now.host, after: host },
                sentence: `${name} would leave ${now.host}.`,
              },
            ]),
        ...(now.port === port
          ? []
          : [
              {
                ...{ path: `edges.${name}.port`, kind: "change" as const },
                ...{ consequence: "reload" as const, before: `${now.port}`, after: `${port}` },
                sentence: `${name} listens on port ${port}; who still asks on ${now.port} is refused.`,
              },
            ]),
      ];
    }),
    ...is
      .filter(({ name }) => !wanted.some((edge) => edge.name === name))
      .map(
        ({ name, host, port }): FleetDifference => ({
          ...{ path: `edges.${name}`, kind: "remove", consequence: "stops" },
          ...{ before: `on ${host}, port ${port}`, after: null },
          sentence: `${name} on ${host} is removed; who still asks on port ${port} is refused.`,
        }),
      ),
  ];
}
