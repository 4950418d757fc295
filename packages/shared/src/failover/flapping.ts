import type { FleetView } from "../fleet/view.ts";

/** How a gateway's warning begins that moves away from a live holder came too often and are held back. */
export const FLAPPING_PREFIX = "flapping:";
const MINUTE_MS = 60_000;

/**
 * What gateways warn of, in the view's shape; the worst of them. The sentence is theirs, with `moved 4 times within 10
 * minutes` in it. @param sinceMs when the console first saw it. Pure.
 */
export function flappingOf(warnings: readonly string[], sinceMs: number): FleetView["flapping"] {
  const told = warnings
    .filter((warning) => warning.startsWith(FLAPPING_PREFIX))
    .map((warning) => {
      const detail = warning.slice(FLAPPING_PREFIX.length).trim();
      const [, moves, minutes] = /moved (\d+) times within (\d+) minutes/.exec(detail) ?? [];
      return {
        moves: Number(moves ?? 0),
        windowMs: Number(minutes ?? 0) * MINUTE_MS,
        detail,
        since: new Date(sinceMs).toISOString(),
      };
    });
  return told.sort((a, b) => b.moves - a.moves)[0] ?? null;
}
