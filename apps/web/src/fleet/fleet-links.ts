import type { Logger } from "pino";
import type { Hosts } from "../agents/hosts.ts";
import { AgentLinks, type LinksDeps } from "../agents/links.ts";
import type { FleetState } from "../state/read-state.ts";
import type { HostRecord } from "../store/hosts.ts";
import type { FleetPlace } from "./redis-control.ts";

export interface FleetLinksDeps extends Pick<LinksDeps, "nowMs" | "acting"> {
  log: Logger;
  place: FleetPlace;
  shards: number;
  hosts: Hosts;
  state: FleetState;
  /** Its local host has not joined: it stands beside Redis by its making. */
  localGiven: boolean;
  /** Docker network of Redis and of all local gateways. */
  network: string;
  /** Address on which Redis is published. */
  bind: string;
}

/** The links of one fleet's hosts, each told what it needs to know of the fleet and of Redis as it is reached from there. */
export function fleetLinks(deps: FleetLinksDeps): AgentLinks {
  const { place, shards, hosts, state, network, bind, localGiven, ...links } = deps;
  const redisTrial = ({ place: where }: HostRecord) => {
    if (where === "local" && localGiven) return null;
    const { hostname, port } = new URL(state.agentRedisUrl(where));
    return {
      host: hostname,
      port: Number(port === "" ? 6379 : port),
      advice:
        where === "local"
          ? "A host named local is the console's own machine: join it there, or under another name."
          : `Start the fleet with CHELA_BIND set to an address of the console's machine that this host reaches (now ${bind}).`,
    };
  };
  return new AgentLinks({
    ...links,
    hosts: async () => [...hosts.records],
    configurationOf: ({ name, region, place: where }) => ({
      ...place,
      host: name,
      region,
      redisUrl: state.agentRedisUrl(where),
      shards,
      network: where === "local" ? network : null,
    }),
    redisTrial,
  });
}
