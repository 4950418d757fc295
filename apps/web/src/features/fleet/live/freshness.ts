import type { LiveState } from "./live-state.ts";

/** Pure: how much of what the screen shows is still true. */
export type Connection = "connecting" | "open" | "lost";

export type Freshness =
  | { kind: "starting" }
  | { kind: "live"; ageMs: number }
  | { kind: "reconnecting"; ageMs: number }
  | { kind: "stale"; ageMs: number };

/** Older than this, figures are history. */
export const LIVE_MS = 10_000;

export function freshnessOf(
  state: Pick<LiveState, "heardAt">,
  connection: Connection,
  now: number,
): Freshness {
  if (state.heardAt === null) return { kind: "starting" };
  const ageMs = Math.max(0, now - state.heardAt);
  if (ageMs > LIVE_MS) return { kind: "stale", ageMs };
  return connection === "open" ? { kind: "live", ageMs } : { kind: "reconnecting", ageMs };
}

/** Why a command cannot be given now; null: it can. Forced failover does not ask. */
export function commandLock(freshness: Freshness): string | null {
  switch (freshness.kind) {
    case "live":
    case "reconnecting":
      return null;
    case "starting":
      return "Waiting for the first figures.";
    case "stale":
      return `Figures are ${Math.floor(freshness.ageMs / 1_000)} s old. Unlocks when they are live again.`;
  }
}

/** Age of something the console observed, corrected for the difference of the clocks. */
export function ageOf(
  observedAt: string | null,
  skewMs: number | null,
  now: number,
): number | null {
  if (observedAt === null) return null;
  return Math.max(0, now - (skewMs ?? 0) - Date.parse(observedAt));
}
