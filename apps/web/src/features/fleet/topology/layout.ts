import type { EdgeView, GatewayView } from "@chela/shared/fleet/view";

/** Pure: where everything stands in the picture of the traffic, in pixels from the top of the columns. */
export interface Placed {
  top: number;
  height: number;
}
export interface PlacedHost extends Placed {
  host: string;
  gateways: GatewayView[];
}
export type WireKind = "in" | "live" | "accepts" | "idle" | "dead";
export interface Wire {
  id: string;
  kind: WireKind;
  from: number;
  to: number;
}
export interface Layout {
  height: number;
  channels: (Placed & { channel: string })[];
  edges: (Placed & { edge: EdgeView })[];
  hosts: PlacedHost[];
  redis: Placed;
  /** Channels to edges, edges to gateways, gateways to Redis. */
  wires: [Wire[], Wire[], Wire[]];
}

const CARD = 78;
const CARD_PITCH = 86;
const HOST_HEAD = 28;
const HOST_FOOT = 2;
const HOST_GAP = 12;
const CHANNEL = 44;
const CHANNEL_PITCH = 60;
const EDGE = 126;
const EDGE_GAP = 32;
const REDIS = 144;
/** Room between two wires at the same side of a node. */
const PORT = 12;

export function layoutOf(
  gateways: readonly GatewayView[],
  edges: readonly EdgeView[],
  channels: readonly string[],
): Layout {
  const byHost = groupByHost(gateways);
  const hostHeights = byHost.map(([, own]) => HOST_HEAD + own.length * CARD_PITCH + HOST_FOOT);
  const needed = {
    hosts: sum(hostHeights) + HOST_GAP * Math.max(0, byHost.length - 1),
    edges: edges.length * EDGE + EDGE_GAP * Math.max(0, edges.length - 1),
    channels: Math.max(0, channels.length - 1) * CHANNEL_PITCH + CHANNEL,
  };
  const height = Math.max(needed.hosts, needed.edges, needed.channels, REDIS);

  let top = (height - needed.hosts) / 2;
  const hosts = byHost.map(([host, own], i): PlacedHost => {
    const placed = { host, gateways: own, top, height: hostHeights[i] ?? 0 };
    top += placed.height + HOST_GAP;
    return placed;
  });
  const placedEdges = edges.map((edge, i) => ({
    edge,
    top: (height - needed.edges) / 2 + i * (EDGE + EDGE_GAP),
    height: EDGE,
  }));
  const placedChannels = channels.map((channel, i) => ({
    channel,
    top: (height - needed.channels) / 2 + i * CHANNEL_PITCH,
    height: CHANNEL,
  }));
  const redis = { top: (height - REDIS) / 2, height: REDIS };

  const cards = hosts.flatMap((host) =>
    host.gateways.map((gateway, i) => ({
      gateway,
      top: host.top + HOST_HEAD + i * CARD_PITCH,
      height: CARD,
    })),
  );
  const inbound = placedChannels.flatMap((channel, c) =>
    placedEdges.map(
      (edge, e): Wire => ({
        id: `${channel.channel}>${edge.edge.name}`,
        kind: "in",
        from: port(channel, e, edges.length, 0),
        to: port(edge, c, channels.length),
      }),
    ),
  );
  const across = placedEdges.flatMap((edge, e) =>
    cards.map(
      (card, g): Wire => ({
        id: `${edge.edge.name}>${card.gateway.name}`,
        kind: kindOf(card.gateway, edge.edge),
        from: port(edge, g, cards.length),
        to: port(card, e, edges.length),
      }),
    ),
  );
  const toRedis = cards.map(
    (card, g): Wire => ({
      id: `${card.gateway.name}>redis`,
      kind: kindOf(card.gateway, null),
      from: middle(card),
      to: port(redis, g, cards.length),
    }),
  );
  return {
    height,
    channels: placedChannels,
    edges: placedEdges,
    hosts,
    redis,
    wires: [inbound, across, toRedis],
  };
}

/** Every live gateway accepts webhooks; only the active processes them. */
function kindOf(gateway: GatewayView, edge: EdgeView | null): WireKind {
  if (gateway.role === "down" || gateway.health === "unreachable" || gateway.health === "unhealthy")
    return "dead";
  if (gateway.role === "active" || gateway.role === "draining") return "live";
  if (gateway.health === "starting") return "idle";
  const upstream = edge?.upstreams.find((each) => each.gateway === gateway.name);
  return (upstream?.backup ?? gateway.backup) ? "idle" : "accepts";
}

function groupByHost(gateways: readonly GatewayView[]): [string, GatewayView[]][] {
  const hosts = new Map<string, GatewayView[]>();
  for (const gateway of gateways)
    hosts.set(gateway.host, [...(hosts.get(gateway.host) ?? []), gateway]);
  return [...hosts].sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true }));
}

const sum = (ns: readonly number[]) => ns.reduce((a, b) => a + b, 0);
const middle = (placed: Placed) => placed.top + placed.height / 2;
const port = (placed: Placed, i: number, n: number, pitch = PORT) =>
  middle(placed) + (i - (n - 1) / 2) * pitch;
