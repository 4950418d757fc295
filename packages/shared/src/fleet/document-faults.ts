import type { DocumentFault, FleetDocument } from "./document.ts";
import { changeTo } from "./fleet-change.ts";
import type { HostView } from "./view.ts";

type HostFacts = Pick<
  HostView,
  "name" | "connected" | "cordoned" | "redisReachable" | "redisReason"
>;

/** Why a document that is well formed cannot be applied to this fleet: every fault at once. What stays as it is has none. */
export function documentFaults(
  is: FleetDocument,
  wanted: FleetDocument,
  hosts: readonly HostFacts[],
): DocumentFault[] {
  const change = changeTo(is, wanted);
  const placeOf = (list: "gateways" | "edges", name: string) =>
    wanted[list].findIndex((each) => each.name === name);
  const arriving = (list: "gateways" | "edges", name: string, host: string) =>
    hostFault(hosts, host).map((message) => ({
      path: [list, placeOf(list, name), "host"],
      message,
    }));
  const leaving = (name: string, host: string, path: DocumentFault["path"]) =>
    hosts.some((known) => known.name === host && known.connected)
      ? []
      : [
          {
            path,
            message: `the agent on ${host} is silent, so ${name} cannot be taken from there`,
          },
        ];
  return [
    ...ruleFaults(is, wanted),
    ...change.create.flatMap(({ gateway, host }) => arriving("gateways", gateway, host)),
    ...change.move.flatMap(({ gateway, from, to }) => [
      ...arriving("gateways", gateway, to),
      ...leaving(gateway, from, ["gateways", placeOf("gateways", gateway), "host"]),
    ]),
    ...change.renew.flatMap(({ gateway }) => {
      const at = placeOf("gateways", gateway);
      return leaving(gateway, wanted.gateways[at]!.host, ["gateways", at, "weight"]);
    }),
    ...change.remove.flatMap(({ gateway, host }) => leaving(gateway, host, ["gateways"])),
    ...change.removeEdges.flatMap(({ edge, host }) => leaving(edge, host, ["edges"])),
    ...wanted.edges.flatMap((edge, index) => edgeFaults(is, wanted, edge, index, hosts)),
  ];
}

function ruleFaults(is: FleetDocument, wanted: FleetDocument): DocumentFault[] {
  const faults: DocumentFault[] = [];
  const count = wanted.gateways.length;
  const counted = is.floor !== wanted.floor || is.gateways.length !== count;
  if (wanted.mode === "active-standby" && wanted.actives !== 1) {
    faults.push({
      path: ["actives"],
      message: `is ${wanted.actives}, but in active-standby exactly 1 processes: write 1, or mode: active-active`,
    });
  }
  if (counted && wanted.floor > count) {
    faults.push({
      path: ["floor"],
      message: `is ${wanted.floor}, but the fleet would have ${count} ${count === 1 ? "gateway" : "gateways"}`,
    });
  }
  if (count > 0 && wanted.gateways.every(({ backup }) => backup)) {
    faults.push({
      path: ["gateways"],
      message: "every gateway is a backup: nginx needs at least one that is not",
    });
  }
  return faults;
}

function edgeFaults(
  is: FleetDocument,
  wanted: FleetDocument,
  { name, host, port }: FleetDocument["edges"][number],
  index: number,
  hosts: readonly HostFacts[],
): DocumentFault[] {
  const now = is.edges.find((edge) => edge.name === name);
  if (now !== undefined && now.host !== host) {
    return [
      {
        path: ["edges", index, "host"],
        message: `${name} runs on ${now.host}, and clients know it there: add an edge of another name on ${host}, move the clients, then take ${name} out`,
      },
    ];
  }
  const faults: DocumentFault[] = [];
  const known = hosts.find((each) => each.name === host);
  if (now === undefined) {
    const why = known === undefined ? unknown(host, hosts) : known.connected ? null : silent(host);
    if (why !== null) faults.push({ path: ["edges", index, "host"], message: why });
    // Containers of one fleet share one space of names on a host.
    if (wanted.gateways.some((gateway) => gateway.name === name)) {
      faults.push({
        path: ["edges", index, "name"],
        message: `${name} is a gateway's name already`,
      });
    }
  }
  const taken = wanted.edges.find(
    (edge, other) => other < index && edge.host === host && edge.port === port,
  );
  if (taken !== undefined && (now === undefined || now.port !== port)) {
    faults.push({
      path: ["edges", index, "port"],
      message: `${taken.name} listens on port ${port} of ${host} already`,
    });
  }
  return faults;
}

/** Why no gateway can be placed there. */
function hostFault(hosts: readonly HostFacts[], name: string): string[] {
  const host = hosts.find((each) => each.name === name);
  if (host === undefined) return [unknown(name, hosts)];
  if (!host.connected) return [silent(name)];
  if (host.cordoned) return [`${name} is cordoned: uncordon it first, or choose another host`];
  if (host.redisReachable === false) {
    return [host.redisReason ?? `Redis is not reachable from ${name}`];
  }
  return [];
}

const silent = (host: string) => `the agent on ${host} is silent: start it first`;
const unknown = (host: string, hosts: readonly HostFacts[]) =>
  `there is no host ${host}: ${hosts.map(({ name }) => name).join(", ") || "none"} ${hosts.length === 1 ? "is" : "are"} known`;
