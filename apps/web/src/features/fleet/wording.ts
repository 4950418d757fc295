import type {
  FleetEvent,
  GatewayView,
  Health,
  HealthVerdict,
  Role,
} from "@chela/shared/fleet/view";
import type { IconName } from "../../ui/icon.tsx";
import type { Status } from "../../ui/status.tsx";

/** The words and marks of roles, health and events: the wire carries codes, the screen says them here. */

const ROLES: Record<Role, Status> = {
  active: { tone: "active", icon: "st-active", word: "Active" },
  standby: { tone: "standby", icon: "st-standby", word: "Standby" },
  draining: { tone: "draining", icon: "st-draining", word: "Draining" },
  tilt: { tone: "draining", icon: "clock", word: "Tilt" },
  down: { tone: "unhealthy", icon: "st-unhealthy", word: "Down" },
};

const HEALTH: Record<Health, Status> = {
  healthy: { tone: "healthy", icon: "st-healthy", word: "healthy" },
  unhealthy: { tone: "unhealthy", icon: "st-unhealthy", word: "unhealthy" },
  unreachable: { tone: "unreachable", icon: "st-unreachable", word: "unreachable" },
  starting: { tone: "draining", icon: "st-run", word: "starting" },
};

const VERDICTS: Record<HealthVerdict, Status> = {
  healthy: { tone: "healthy", icon: "st-healthy", word: "Healthy" },
  degraded: { tone: "warn", icon: "st-warn", word: "Degraded" },
  switching: { tone: "draining", icon: "st-draining", word: "Switching over" },
  unclear: { tone: "unreachable", icon: "st-unreachable", word: "Unclear" },
  down: { tone: "unhealthy", icon: "st-unhealthy", word: "Down" },
};

export const statusOfRole = (role: Role): Status => ROLES[role];
export const statusOfHealth = (health: Health): Status => HEALTH[health];
export const statusOfVerdict = (verdict: HealthVerdict): Status => VERDICTS[verdict];

/** A role that was last seen before the figures went stale: "Active then". */
export const roleThen = (role: Role): Status => ({
  tone: "wait",
  icon: "clock",
  word: `${ROLES[role].word} then`,
});

const EVENT_ICONS: Record<FleetEvent["kind"], IconName> = {
  role: "swap",
  health: "st-healthy",
  operation: "rollouts",
  container: "box",
  agent: "hosts",
  redis: "redis",
  edge: "nginx",
  login: "user",
  configuration: "terminal",
};

/** Its kind's mark, unless it is bad news: then the mark says so first. */
export function iconOfEvent(event: Pick<FleetEvent, "kind" | "severity">): {
  icon: IconName;
  tone: string;
} {
  switch (event.severity) {
    case "bad":
      return { icon: "st-fail", tone: "fail" };
    case "warning":
      return { icon: "st-warn", tone: "warn" };
    case "good":
      return { icon: EVENT_ICONS[event.kind], tone: "pass" };
    case "info":
      return { icon: EVENT_ICONS[event.kind], tone: "" };
  }
}

const CHANNELS: Record<string, { word: string; icon: IconName }> = {
  telegram: { word: "Telegram", icon: "telegram" },
  whatsapp: { word: "WhatsApp", icon: "whatsapp" },
  slack: { word: "Slack", icon: "slack" },
  discord: { word: "Discord", icon: "discord" },
  web: { word: "Web chat", icon: "ws" },
  api: { word: "API", icon: "terminal" },
  generic: { word: "Generic", icon: "bolt" },
};

export const channelOf = (name: string): { word: string; icon: IconName } =>
  CHANNELS[name] ?? { word: name, icon: "bolt" };

const SERIES = 6;

/** A gateway's place among the fleet's names, 1 to 6: its colour in charts and transcripts. */
export function seriesOf(gateway: string, gateways: readonly Pick<GatewayView, "name">[]): number {
  const names = gateways
    .map((each) => each.name)
    .sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  return (Math.max(0, names.indexOf(gateway)) % SERIES) + 1;
}
