import type { DedupeTotals, Window } from "@chela/shared/fleet/view";

export const WINDOW_MINUTES: Record<Window, number> = {
  "15m": 15,
  "1h": 60,
  "24h": 24 * 60,
  "30d": 30 * 24 * 60,
};

/** Widths in which samples are in the store, in seconds, and for how long. */
export const STORED_STEPS = [
  { stepSeconds: 10, keptMs: 24 * 60 * 60_000 },
  { stepSeconds: 60, keptMs: 30 * 24 * 60 * 60_000 },
] as const;
/** From which samples a window is drawn, in seconds; 1 = those in memory. */
export const WINDOW_SOURCE: Record<Window, 1 | 10 | 60> = {
  "15m": 1,
  "1h": 10,
  "24h": 60,
  "30d": 60,
};
/** A chart draws no more than this. */
const POINTS_MAX = 300;

/** Width of one point: a multiple of what it is made of. */
export function stepOf(window: Window): number {
  const sourceMs = WINDOW_SOURCE[window] * 1_000;
  return Math.ceil((WINDOW_MINUTES[window] * 60_000) / POINTS_MAX / sourceMs) * sourceMs;
}

export function totals(counts: Iterable<{ accepted: number; duplicates: number }>): DedupeTotals {
  let accepted = 0;
  let duplicates = 0;
  for (const entry of counts) {
    accepted += entry.accepted;
    duplicates += entry.duplicates;
  }
  return { accepted, duplicates, hitRate: hitRate(accepted, duplicates) };
}

export function hitRate(accepted: number, duplicates: number): number | null {
  return accepted + duplicates === 0 ? null : duplicates / (accepted + duplicates);
}
