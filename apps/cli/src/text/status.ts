import type {
  EdgeView,
  FleetView,
  GatewayView,
  HostView,
  RedisView,
} from "@chela/shared/fleet/view";
import { ago, bytes, duration } from "../terminal/duration.ts";
import { onOneLine } from "../terminal/printable.ts";
import type { Style } from "../terminal/style.ts";
import { table } from "../terminal/table.ts";
import { HEALTH_TONES, ROLE_TONES, VERDICT_TONES } from "./tones.ts";

/** Pure: a fleet on one screen, the sentence first. */
export function statusLines(view: FleetView, style: Style, nowMs: number): string[] {
  const { health, dedupe, rates, shards } = view;
  const parts = [
    [
      `${style("strong", view.fleet)}  ${style(VERDICT_TONES[health.verdict], health.headline)} ${onOneLine(health.sentence)}`,
      ...notices(view, style),
    ],
    gatewayLines(view.gateways, style),
    edgeLines(view.edges, style),
    hostLines(view.hosts, style, nowMs),
    [
      redisLine(view.redis, style),
      `Shards ${shards.held} of ${shards.total} held, generation ${view.generation}, ${view.mode}. Sessions ${view.sessions.total}.`,
      `Webhooks ${rates.acceptedPerSecond.toFixed(1)}/s${rates.acceptP99Ms === null ? "" : `, p99 ${duration(rates.acceptP99Ms)}`}; last hour ${dedupe.accepted} accepted, ${dedupe.duplicates} duplicates${dedupe.hitRate === null ? "" : ` (${(dedupe.hitRate * 100).toFixed(1)} %)`}.`,
      style("quiet", `As of ${view.asOf}.`),
    ],
  ];
  return parts
    .filter((lines) => lines.length > 0)
    .flatMap((lines, at) => (at === 0 ? lines : ["", ...lines]));
}

/** What an operator has to know before anything else. */
function notices(view: FleetView, style: Style): string[] {
  const { failoverPaused, flapping } = view;
  const said = [
    ...view.health.notes,
    ...(failoverPaused === null
      ? []
      : [
          `Automatic failover is PAUSED by ${failoverPaused.by} since ${failoverPaused.at}${failoverPaused.reason === null ? "" : ` (${failoverPaused.reason})`}; \`failover resume\` ends it.`,
        ]),
    ...(flapping === null
      ? []
      : [`${flapping.detail} \`failover acknowledge\` lets it move again.`]),
    ...view.drift.map((sentence) => `Drift: ${sentence}`),
  ].map((text) => style("warning", `! ${onOneLine(text)}`));
  if (view.operationId !== null) {
    said.push(`▸ ${view.operationId} is under way; \`operations watch\` follows it.`);
  }
  return said;
}

export const gatewayLines = (gateways: readonly GatewayView[], style: Style): string[] =>
  table(
    gateways,
    [
      { title: "GATEWAY", of: ({ name }) => name },
      { title: "ROLE", of: ({ role }) => style(ROLE_TONES[role], role) },
      { title: "HEALTH", of: ({ health }) => style(HEALTH_TONES[health], health) },
      { title: "EPOCH", of: ({ epoch }) => (epoch === null ? "–" : String(epoch)), right: true },
      { title: "SHARDS", of: ({ shards }) => String(shards), right: true },
      { title: "SESSIONS", of: ({ sessions }) => String(sessions), right: true },
      { title: "IN FLIGHT", of: ({ inFlight }) => String(inFlight), right: true },
      { title: "BACKLOG", of: ({ backlog }) => String(backlog), right: true },
      { title: "RESTARTS", of: ({ restarts }) => String(restarts), right: true },
      { title: "VERSION", of: ({ version }) => version },
      { title: "RELEASE", of: ({ release }) => (release === null ? "" : `#${release}`) },
      { title: "HOST", of: ({ host, region }) => (region === null ? host : `${host} (${region})`) },
      { title: "NOTE", of: ({ healthReason }) => onOneLine(healthReason ?? "") },
    ],
    style,
  );

const edgeLines = (edges: readonly EdgeView[], style: Style): string[] =>
  table(
    edges,
    [
      { title: "EDGE", of: ({ name }) => name },
      { title: "HEALTH", of: ({ health }) => style(HEALTH_TONES[health], health) },
      { title: "HOST", of: ({ host }) => host },
      { title: "UPSTREAMS", of: ({ upstreams }) => String(upstreams.length), right: true },
      { title: "RELOADS", of: ({ reloads }) => String(reloads), right: true },
      { title: "URL", of: ({ url }) => url },
      { title: "NOTE", of: ({ healthReason }) => onOneLine(healthReason ?? "") },
    ],
    style,
  );

export const hostLines = (hosts: readonly HostView[], style: Style, nowMs: number): string[] =>
  table(
    hosts,
    [
      { title: "HOST", of: ({ name }) => name },
      {
        title: "AGENT",
        of: ({ connected, lastSeenAt }) =>
          connected
            ? style("good", "connected")
            : style("warning", `silent, seen ${ago(lastSeenAt, nowMs)}`),
      },
      { title: "CORDON", of: ({ cordoned }) => (cordoned ? style("warning", "cordoned") : "") },
      { title: "REGION", of: ({ region }) => region ?? "" },
      { title: "ADDRESS", of: ({ address }) => address ?? "" },
      {
        title: "CPU",
        of: ({ cpuPercent, cpus }) =>
          cpuPercent === null
            ? ""
            : `${Math.round(cpuPercent)} %${cpus === null ? "" : ` of ${cpus}`}`,
        right: true,
      },
      {
        title: "MEMORY",
        of: ({ memoryUsedBytes, memoryBytes }) =>
          memoryUsedBytes === null || memoryBytes === null
            ? ""
            : `${bytes(memoryUsedBytes)} of ${bytes(memoryBytes)}`,
        right: true,
      },
      { title: "GATEWAYS", of: ({ gateways }) => gateways.join(" ") },
      {
        title: "NOTE",
        of: ({ redisReachable, redisReason }) =>
          redisReachable === false ? onOneLine(redisReason ?? "Redis is not reachable.") : "",
      },
    ],
    style,
  );

function redisLine(redis: RedisView, style: Style): string {
  if (!redis.reachable) {
    return style(
      "bad",
      `Redis does not answer${redis.reason === null ? "" : ` (${onOneLine(redis.reason)})`}.`,
    );
  }
  const facts = [
    redis.version,
    redis.role,
    redis.latencyMs === null ? null : `${redis.latencyMs.toFixed(1)} ms`,
    redis.usedMemoryBytes === null ? null : bytes(redis.usedMemoryBytes),
    redis.opsPerSecond === null ? null : `${redis.opsPerSecond} commands/s`,
    redis.persistence,
  ];
  return `Redis ${facts.filter((fact) => fact !== null).join(", ")}.`;
}
