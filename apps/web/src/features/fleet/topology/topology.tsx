"use client";

import type { FleetView } from "@chela/shared/fleet/view";
import { useQuery } from "@tanstack/react-query";
import type { CSSProperties } from "react";
import { useApi } from "../../../trpc/client.ts";
import { pushAddress } from "../../../ui/address.ts";
import { Button } from "../../../ui/button.tsx";
import { cx } from "../../../ui/cx.ts";
import { count, decimal, plural, span } from "../../../ui/format.ts";
import { Icon } from "../../../ui/icon.tsx";
import { PAUSE_HREF } from "../../failover/href.ts";
import { useRoleLock } from "../../viewer/viewer.ts";
import { useAge, useFleet, useFreshness } from "../live/live.tsx";
import { useRefreshOnTraffic } from "../live/refresh.ts";
import { GatewayCard } from "./gateway-card.tsx";
import { layoutOf, type PlacedHost } from "./layout.ts";
import { ChannelNode, EdgeNode, RedisNode } from "./nodes.tsx";
import { TopologyTable } from "./table.tsx";
import { Wires } from "./wires.tsx";

/** Where traffic goes: channels, edges, gateways by host, shared state. */
export function Topology() {
  const fleet = useFleet();
  const moving = useFreshness().kind === "live";
  const channels = useChannels(fleet.fleet);
  const layout = layoutOf(
    fleet.gateways,
    fleet.edges,
    channels.map((each) => each.channel),
  );
  const inPerSecond = fleet.rates.acceptedPerSecond + fleet.rates.duplicatesPerSecond;
  const perEdge = inPerSecond / Math.max(1, fleet.edges.length);
  const active = fleet.gateways.filter((gateway) => gateway.role === "active").length;
  const standby = fleet.gateways.filter((gateway) => gateway.role === "standby").length;
  const epoch = Math.max(0, ...fleet.gateways.map((gateway) => gateway.epoch ?? 0));
  return (
    <section className={cx("card topo-card", !moving && "is-stale")} aria-label="Traffic now">
      <div className="card-h">
        <h2>Traffic now</h2>
        <span className="tag">
          <Icon name="swap" />
          {fleet.mode === "active-active" ? "active/active" : "active/standby"}
        </span>
        <span className="tag">{active} active</span>
        <span className="tag">{standby} standby</span>
        <div className="r">
          <Legend />
          {!fleet.failoverPaused && <PauseFailover />}
        </div>
      </div>
      <div className="topo" style={{ "--th": `${layout.height}px` } as CSSProperties}>
        <div className="topo-grid">
          <Head left="Channels" right={`${decimal(inPerSecond)}/s in`} />
          <div />
          <Head left="Edge" right="nginx" />
          <div />
          <Head
            left="Gateways by host"
            right={`${fleet.shards.held} of ${fleet.shards.total} shards held${epoch > 0 ? `, epoch ${count(epoch)}` : ""}`}
          />
          <div />
          <Head left="Shared state" right="Redis" />
          <div className="topo-c">
            {layout.channels.map((place) => (
              <ChannelNode
                key={place.channel}
                channel={place.channel}
                perHour={channels.find((each) => each.channel === place.channel)?.perHour ?? null}
                place={place}
              />
            ))}
          </div>
          <div className="topo-c">
            <Wires
              wires={layout.wires[0]}
              height={layout.height}
              perSecond={inPerSecond / Math.max(1, channels.length)}
              moving={moving}
            />
          </div>
          <div className="topo-c">
            {layout.edges.map((place) => (
              <EdgeNode
                key={place.edge.name}
                edge={place.edge}
                perSecond={perEdge}
                p99Ms={fleet.rates.acceptP99Ms}
                place={place}
              />
            ))}
          </div>
          <div className="topo-c">
            <Wires
              wires={layout.wires[1]}
              height={layout.height}
              perSecond={perEdge}
              moving={moving}
            />
          </div>
          <div className="topo-c">
            {layout.hosts.map((host) => (
              <HostBox key={host.host} place={host} fleet={fleet} />
            ))}
          </div>
          <div className="topo-c">
            <Wires
              wires={layout.wires[2]}
              height={layout.height}
              perSecond={inPerSecond}
              moving={moving}
            />
          </div>
          <div className="topo-c">
            <RedisNode redis={fleet.redis} place={layout.redis} />
          </div>
        </div>
        <TopologyTable fleet={fleet} />
      </div>
    </section>
  );
}

/** Opens the sheet that asks why. */
function PauseFailover() {
  const lock = useRoleLock("operator");
  return (
    <Button
      variant="ghost"
      size="sm"
      icon="pause"
      locked={lock !== null}
      title={lock ?? undefined}
      onClick={() => pushAddress(PAUSE_HREF)}
    >
      Pause failover
    </Button>
  );
}

const Head = ({ left, right }: { left: string; right: string }) => (
  <div className="topo-h">
    <span>{left}</span>
    <span>{right}</span>
  </div>
);

const Legend = () => (
  <span className="legend topo-legend">
    <span>
      <svg width="18" height="4" aria-hidden="true">
        <path d="M0 2h18" stroke="var(--color-active)" strokeWidth="3" />
      </svg>
      processes sessions
    </span>
    <span>
      <svg width="18" height="4" aria-hidden="true">
        <path d="M0 2h18" stroke="var(--color-ink-3)" strokeWidth="1.5" />
      </svg>
      accepts webhooks
    </span>
    <span className="dim">motion stops when data is stale</span>
  </span>
);

function HostBox({ place, fleet }: { place: PlacedHost; fleet: FleetView }) {
  const host = fleet.hosts.find((each) => each.name === place.host);
  const age = useAge(host?.lastSeenAt ?? null);
  const silent = host !== undefined && !host.connected;
  return (
    <section
      className="hostbox"
      style={{ top: place.top, height: place.height }}
      aria-label={`Host ${place.host}`}
    >
      <div className="hh">
        <Icon name="hosts" size={14} />
        <b>{place.host}</b>
        {host?.region && <span>{host.region}</span>}
        <span className={cx("r", silent && "st unreachable")}>
          {silent && <Icon name="st-unreachable" size={14} />}
          {silent
            ? `agent silent for ${span(age ?? 0)}`
            : host?.cpuPercent !== null && host?.cpuPercent !== undefined
              ? `CPU ${Math.round(host.cpuPercent)}%`
              : ""}
        </span>
      </div>
      {place.gateways.map((gateway) => (
        <GatewayCard key={gateway.name} gateway={gateway} />
      ))}
    </section>
  );
}

/** Channels that had traffic within the hour; before any, one that stands for all. */
function useChannels(fleet: string): { channel: string; perHour: number | null }[] {
  const api = useApi();
  const stats = useQuery(api.dedupe.stats.queryOptions({ fleet, window: "1h" }));
  useRefreshOnTraffic(stats.refetch);
  const seen = (stats.data?.channels ?? [])
    .map((each) => ({ channel: each.channel, perHour: each.accepted + each.duplicates }))
    .filter((each) => each.perHour > 0);
  return seen.length > 0 ? seen : [{ channel: "webhooks", perHour: null }];
}

export const gatewaysInWords = (fleet: FleetView): string =>
  `${plural(fleet.gateways.length, "gateway")}, ${plural(fleet.hosts.length, "host")}`;
