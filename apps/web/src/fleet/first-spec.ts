import { DEFAULT_SHARDS } from "@chela/shared/fleet/control";
import type { FleetSpec } from "@chela/shared/fleet/spec";
import { DEFAULT_KEY_PREFIX } from "@chela/shared/keys/keys";
import { LOCAL_HOST } from "../agents/hosts.ts";
import type { Config } from "../config.ts";

/** A fleet at its very first start: everything on the host beside the console. Later the store's word counts. */
export function firstSpec(config: Config): FleetSpec {
  return {
    fleet: config.fleet,
    mode: "active-standby",
    actives: 1,
    shards: DEFAULT_SHARDS,
    keyPrefix: DEFAULT_KEY_PREFIX,
    release: null,
    reconcile: "manual",
    floor: 1,
    failoverPaused: null,
    gateways: Array.from({ length: config.gateways }, (_, index) => ({
      name: `gw-${index + 1}`,
      host: LOCAL_HOST,
      port: null,
      secondPort: null,
      weight: 1,
      backup: false,
      release: 0,
    })),
    edges: [{ name: "edge-1", host: LOCAL_HOST, port: config.edgePort, image: config.images.edge }],
  };
}
