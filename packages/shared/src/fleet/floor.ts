import type { FleetView, GatewayView } from "./view.ts";

/** Healthy and taking part: what the floor counts. One that drains still accepts, but is on its way out. */
export function serves({ health, role }: Pick<GatewayView, "health" | "role">): boolean {
  return health === "healthy" && (role === "active" || role === "standby");
}

/**
 * Why these may not be taken out together; null: they may. One that serves nobody anyway can always go.
 * @param more gateways that were started before, and serve too.
 */
export function floorBroken(
  view: Pick<FleetView, "gateways">,
  floor: number,
  out: readonly string[],
  more = 0,
): string | null {
  const serving = view.gateways.filter(serves).map(({ name }) => name);
  const lost = serving.filter((name) => out.includes(name));
  if (lost.length === 0) return null;
  const left = serving.length + more - lost.length;
  if (left >= floor) return null;
  const all = view.gateways.length + more;
  return `Without ${list(lost)}, ${left} of ${all} gateways would serve; the fleet's floor is ${floor}. Start another gateway first, or lower the floor in the fleet's spec.`;
}

const list = (names: readonly string[]) =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
