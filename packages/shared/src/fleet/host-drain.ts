import { type FleetChange, fleetChange } from "./fleet-change.ts";
import { floorBroken, serves } from "./floor.ts";
import type { Check, FleetView, GatewayView, HostDrainPreview, HostView } from "./view.ts";

export type Fate = HostDrainPreview["gateways"][number];

export interface HostDrain {
  checks: Check[];
  gateways: Fate[];
  change: FleetChange;
}

/**
 * What becomes of a host's gateways. Moved to another host under their own names while enough others serve; else a new
 * one is started first, under a new name, since two of one name cannot stand side by side for long. `none`: they are
 * removed. Edges are not moved: clients know where they are.
 */
export function planHostDrain(
  view: FleetView,
  floor: number,
  host: string,
  moveTo: "others" | "none",
): HostDrain {
  const leaving = view.gateways
    .filter((gateway) => gateway.host === host)
    // Holders last, so that what one hands over does not go to one that leaves next.
    .sort((a, b) => a.shards - b.shards);
  const targets = view.hosts.filter(
    (each) =>
      each.name !== host && each.connected && !each.cordoned && each.redisReachable !== false,
  );
  const gateways =
    moveTo === "none"
      ? leaving.map((gateway) => fate(gateway, "removed", null, null))
      : targets.length === 0
        ? []
        : placed(view, floor, host, leaving, targets);
  const change = changeOf(view, gateways, host);
  return {
    checks: checksOf(view, floor, host, moveTo, leaving, targets, change),
    gateways,
    change,
  };
}

function placed(
  view: FleetView,
  floor: number,
  host: string,
  leaving: readonly GatewayView[],
  targets: readonly HostView[],
): Fate[] {
  const region = view.hosts.find(({ name }) => name === host)?.region ?? null;
  const load = new Map(targets.map(({ name, gateways }) => [name, gateways.length]));
  const names = new Set(view.gateways.map(({ name }) => name));
  const serving = view.gateways.filter(serves).length;
  const wanted = view.mode === "active-active" ? view.actives : 1;
  const needed = Math.max(floor, Math.min(wanted, serving));
  return leaving.map((gateway) => {
    const to = [...targets].sort(
      (a, b) =>
        Number(b.region === region) - Number(a.region === region) ||
        load.get(a.name)! - load.get(b.name)! ||
        (a.name < b.name ? -1 : 1),
    )[0]!.name;
    load.set(to, load.get(to)! + 1);
    if (!serves(gateway) || serving - 1 >= needed) return fate(gateway, "moved", to, gateway.name);
    const by = freeName(names);
    names.add(by);
    return fate(gateway, "replaced", to, by);
  });
}

const fate = (
  { name, role }: GatewayView,
  what: Fate["fate"],
  to: string | null,
  by: string | null,
): Fate => ({ gateway: name, role, fate: what, to, by });

/** The first of gw-1, gw-2, … that is not taken. */
export function freeName(taken: ReadonlySet<string>): string {
  for (let number = 1; ; number++) {
    if (!taken.has(`gw-${number}`)) return `gw-${number}`;
  }
}

function changeOf(view: FleetView, fates: readonly Fate[], host: string): FleetChange {
  const of = (gateway: string) => view.gateways.find(({ name }) => name === gateway)!;
  return fleetChange({
    move: fates.flatMap(({ gateway, fate, to }) =>
      fate === "moved" ? [{ gateway, from: host, to: to!, weight: of(gateway).weight }] : [],
    ),
    create: fates.flatMap(({ gateway, fate, to, by }) => {
      const { weight, backup } = of(gateway);
      return fate === "replaced" ? [{ gateway: by!, host: to!, weight, backup }] : [];
    }),
    remove: fates.flatMap(({ gateway, fate }) => (fate === "moved" ? [] : [{ gateway, host }])),
  });
}

function checksOf(
  view: FleetView,
  floor: number,
  host: string,
  moveTo: "others" | "none",
  leaving: readonly GatewayView[],
  targets: readonly HostView[],
  { create, remove }: FleetChange,
): Check[] {
  const there = view.hosts.find(({ name }) => name === host);
  const names = leaving.map(({ name }) => name);
  const edges = view.edges.filter((edge) => edge.host === host).map(({ name }) => name);
  const left = view.gateways.length + create.length - remove.length;
  const broken =
    remove.length === 0
      ? null
      : floorBroken(
          view,
          floor,
          remove.map(({ gateway }) => gateway),
          create.length,
        );
  const few = remove.length > 0 && left < floor;
  const check = (name: string, verdict: Check["verdict"], detail: string): Check => ({
    ...{ name, verdict, detail },
  });
  return [
    there?.connected === true
      ? check("agent", "pass", `The agent on ${host} answers.`)
      : check(
          "agent",
          leaving.length === 0 ? "warn" : "fail",
          `The agent on ${host} is silent: its gateways cannot be taken from it. Cordon it instead, and drain it once its agent is back.`,
        ),
    leaving.length === 0
      ? check("gateways", "warn", `${host} carries no gateway: it is only cordoned.`)
      : check("gateways", "pass", `${host} carries ${names.join(", ")}.`),
    moveTo === "none" || leaving.length === 0
      ? check("target", "pass", "Nothing is placed anywhere else.")
      : targets.length === 0
        ? check(
            "target",
            "fail",
            `No other host can take ${names.join(", ")}: join one, uncordon one, or drain with moveTo none, which removes them.`,
          )
        : check("target", "pass", `${targets.map(({ name }) => name).join(", ")} can take them.`),
    broken === null && !few
      ? check(
          "floor",
          "pass",
          `At least ${floor} healthy ${floor === 1 ? "gateway stays" : "gateways stay"} at any time.`,
        )
      : check(
          "floor",
          "fail",
          broken ??
            `${left} of ${view.gateways.length} gateways would be left; the fleet's floor is ${floor}. Start another gateway elsewhere first, or lower the floor in the fleet's spec.`,
        ),
    edges.length === 0
      ? check("edge", "pass", `No edge runs on ${host}.`)
      : check(
          "edge",
          "warn",
          `${edges.join(", ")} on ${host} is not moved, because clients know its address: it goes on serving, and stops when the host does.`,
        ),
    view.redis.reachable
      ? check("redis", "pass", "Redis answers.")
      : check(
          "redis",
          "fail",
          `Redis does not answer: ${view.redis.reason}. Nothing can be handed over.`,
        ),
    view.operationId === null
      ? check("operation", "pass", "No other operation is running.")
      : check(
          "operation",
          "fail",
          "Another operation is running on this fleet: wait for it, or abort it.",
        ),
  ];
}

/** What it means for who talks to the fleet. */
export function drainImpact(view: FleetView, host: string, { gateways }: HostDrain): string {
  if (gateways.length === 0) return "Nothing moves.";
  const leaving = view.gateways.filter((gateway) => gateway.host === host);
  const sessions = leaving.reduce((sum, gateway) => sum + gateway.sessions, 0);
  return `${sessions} sessions are handed over; a session with a turn in flight waits for that turn. Webhooks are accepted all the time; every edge is reloaded once.`;
}

/** `gw-2 runs on host-a` and the like, for the outcome. */
export function fatesInWords(fates: readonly Fate[]): string {
  return fates
    .map(({ gateway, fate, to, by }) =>
      fate === "moved"
        ? `${gateway} runs on ${to}`
        : fate === "replaced"
          ? `${by} on ${to} took ${gateway}'s place`
          : `${gateway} is removed`,
    )
    .join(", ");
}
