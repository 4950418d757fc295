import type { FleetView, GatewayView, HealthSentence } from "./view.ts";

interface Circumstances {
  operation: { kind: string; title: string } | null;
  /** Accepted events that nobody processes yet. */
  waiting: number;
}

/** The health sentence: who is active, who stands by, what is missing. The only place that makes it. */
export function healthSentence(
  view: Omit<FleetView, "health">,
  { operation, waiting }: Circumstances,
): HealthSentence {
  const actives = view.gateways.filter(({ shards, role }) => shards > 0 && role !== "down");
  const standbys = view.gateways.filter(
    ({ role, health }) => role === "standby" && health === "healthy",
  );
  const silent = view.hosts.filter(({ connected }) => !connected).map(({ name }) => name);
  const ill = view.gateways.filter(({ health }) => health === "unhealthy");
  const paused = view.failoverPaused;
  const notes = [
    ...(paused === null
      ? []
      : [
          `Automatic failover is PAUSED by ${paused.by}${paused.reason === null ? "" : ` (${paused.reason})`} since ${paused.at}: a gateway that dies is waited for first. Resume it after the work.`,
        ]),
    ...(view.flapping === null
      ? []
      : [`Shards move to and fro: ${view.flapping.detail} Acknowledge it once you know why.`]),
    ...(view.standingBy === null ? [] : [view.standingBy]),
    ...ill.map(({ name, healthReason }) => `${name}: ${healthReason ?? "unhealthy."}`),
    ...silent.map((host) => `The agent on ${host} is silent; its figures are old.`),
    ...view.edges
      .filter(({ health }) => health === "unhealthy")
      .map(({ name, healthReason }) => `${name}: ${healthReason ?? "unhealthy."}`),
    ...view.hosts
      .filter(({ redisReachable }) => redisReachable === false)
      .map(({ name, redisReason }) => `${name}: ${redisReason ?? "Redis is not reachable."}`),
  ];
  const say = (
    verdict: HealthSentence["verdict"],
    headline: string,
    sentence: string,
  ): HealthSentence => ({ verdict, headline, sentence, notes });

  if (!view.redis.reachable) {
    return say(
      "down",
      "Down.",
      `Redis does not answer${view.redis.reason ? ` (${view.redis.reason})` : ""}. Webhooks get 503 and are sent again by their providers; everything resumes by itself.`,
    );
  }
  if (view.gateways.length === 0) return say("down", "Empty.", "The fleet has no gateway yet.");
  if (view.shards.held === 0) {
    return view.gateways.some(({ health }) => health === "starting")
      ? say("switching", "Starting.", "Gateways are coming up; nobody holds a shard yet.")
      : say("down", "Down.", `No gateway holds a shard. Webhooks wait in Redis: ${waiting}.`);
  }
  const now = `${held(actives)}${standing(standbys)}`;
  if (view.shards.held < view.shards.total || isMove(operation)) {
    const rest = view.shards.total - view.shards.held;
    return say(
      "switching",
      operation?.kind === "failover" || !isMove(operation) ? "Failing over." : "Switching over.",
      rest > 0 ? `${rest} of ${view.shards.total} shards are on their way; ${now}.` : `${now}.`,
    );
  }
  if (silent.length > 0 && view.gateways.some(({ health }) => health === "unreachable")) {
    return say("unclear", "Unclear.", `The agent on ${silent.join(", ")} is silent; ${now}.`);
  }
  if (view.gateways.length > 1 && standbys.length === 0 && actives.length < 2) {
    return say("degraded", "Healthy, no standby.", `${held(actives)}; nobody stands by.`);
  }
  if (ill.length > 0 || notes.length > 0) return say("degraded", "Degraded.", `${now}.`);
  return say("healthy", "Healthy.", `${now}.`);
}

const isMove = (operation: Circumstances["operation"]) =>
  operation?.kind === "switchover" || operation?.kind === "failover";

function held(actives: GatewayView[]): string {
  const verb = actives.length === 1 ? "is" : "are";
  const hosts = [...new Set(actives.map(({ host }) => host))];
  return `${list(actives)} ${verb} active on ${hosts.join(" and ")}`;
}

function standing(standbys: GatewayView[]): string {
  if (standbys.length === 0) return "";
  return `; ${list(standbys)} ${standbys.length === 1 ? "stands" : "stand"} by, ready`;
}

function list(gateways: GatewayView[]): string {
  return gateways.map(({ name }) => name).join(" and ");
}
