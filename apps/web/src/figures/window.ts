import type { DedupeTotals, FigurePoint, Window } from "@chela/shared/fleet/view";

export const WINDOW_MINUTES: Record<Window, number> = {
  "15m": 15,
  "1h": 60,
  "24h": 24 * 60,
  "30d": 30 * 24 * 60,
};
/** A chart draws no more than this. */
export const POINTS_MAX = 300;

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

/**
 * Points of one step's width out of narrower ones. A step in which nothing was known has no point's figures but
 * nulls: a gap stays a gap.
 */
export function thin(
  points: readonly FigurePoint[],
  fromMs: number,
  untilMs: number,
  stepMs: number,
): FigurePoint[] {
  const bins = new Map<number, FigurePoint[]>();
  for (const point of points) {
    const at = Date.parse(point.at);
    if (at < fromMs || at >= untilMs) continue;
    const bin = Math.floor((at - fromMs) / stepMs);
    bins.set(bin, [...(bins.get(bin) ?? []), point]);
  }
  const count = Math.ceil((untilMs - fromMs) / stepMs);
  return Array.from({ length: count }, (_, bin) =>
    average(bins.get(bin) ?? [], new Date(fromMs + bin * stepMs).toISOString()),
  );
}

/** Rates and levels are averaged, the worst latency and backlog kept. */
export function average(points: readonly FigurePoint[], at: string): FigurePoint {
  const known = (of: (point: FigurePoint) => number | null) =>
    points.map(of).filter((figure) => figure !== null);
  const mean = (figures: number[]) =>
    figures.length === 0 ? null : figures.reduce((a, b) => a + b, 0) / figures.length;
  const highest = (figures: number[]) => (figures.length === 0 ? null : Math.max(...figures));
  const acceptedPerSecond = mean(known((point) => point.acceptedPerSecond));
  const duplicatesPerSecond = mean(known((point) => point.duplicatesPerSecond));
  const sessions = mean(known((point) => point.sessions));
  return {
    at,
    acceptedPerSecond: round(acceptedPerSecond),
    duplicatesPerSecond: round(duplicatesPerSecond),
    hitRate:
      acceptedPerSecond === null || duplicatesPerSecond === null
        ? null
        : hitRate(acceptedPerSecond, duplicatesPerSecond),
    sessions: sessions === null ? null : Math.round(sessions),
    sessionsByGateway: points.at(-1)?.sessionsByGateway ?? {},
    acceptP99Ms: highest(known((point) => point.acceptP99Ms)),
    backlog: highest(known((point) => point.backlog)),
  };
}

const round = (figure: number | null) =>
  figure === null ? null : Math.round(figure * 1_000) / 1_000;
