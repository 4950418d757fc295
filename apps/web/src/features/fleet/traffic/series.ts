import type { FigurePoint, FigureSeries, FleetEvent } from "@chela/shared/fleet/view";

/** Pure: figures as a chart draws them. */
export interface Row {
  /** Epoch ms, console time. */
  t: number;
  accepted: number | null;
  duplicates: number | null;
  /** 0 to 100. */
  hit: number | null;
  /** By gateway, under its name with a prefix that no other key has. */
  [gateway: `gw:${string}`]: number | null;
}

/** What a chart may draw at most. */
export const POINTS_MAX = 300;

const rowOf = (point: FigurePoint, gateways: readonly string[]): Row => {
  const row: Row = {
    t: Date.parse(point.at),
    accepted: point.acceptedPerSecond,
    duplicates: point.duplicatesPerSecond,
    hit: point.hitRate === null ? null : point.hitRate * 100,
  };
  // Without a count of sessions the second is not known; with one, a gateway that is not named holds none.
  for (const name of gateways) {
    row[`gw:${name}`] = point.sessions === null ? null : (point.sessionsByGateway[name] ?? 0);
  }
  return row;
};

/** Points in order as rows, as many as a chart can take; steps that nothing is known of become gaps. */
export function rowsOf(
  points: readonly FigurePoint[],
  gateways: readonly string[],
  stepMs: number,
): Row[] {
  const { kept, every } = thinned(points);
  const rows: Row[] = [];
  for (const point of kept) {
    const row = rowOf(point, gateways);
    const last = rows.at(-1);
    if (last && row.t <= last.t) continue;
    if (last && row.t - last.t > (every + 1.5) * stepMs) {
      rows.push({ t: last.t + stepMs, accepted: null, duplicates: null, hit: null });
    }
    rows.push(row);
  }
  return withoutIdleRuns(rows, gateways);
}

/** A gateway that holds nothing draws no line along its neighbour's edge; the ends of such a run stay, as its edge. */
function withoutIdleRuns(rows: Row[], gateways: readonly string[]): Row[] {
  return rows.map((row, i) => {
    const shown = { ...row };
    for (const name of gateways) {
      const at = (n: number) => rows[n]?.[`gw:${name}`] ?? 0;
      // An unknown step stays unknown: nothing is written into it.
      if (at(i - 1) === 0 && at(i) === 0 && at(i + 1) === 0) shown[`gw:${name}`] = null;
    }
    return shown;
  });
}

/** The feed's seconds after the end of `series`, averaged into its steps. */
export function continued(series: FigureSeries, live: readonly FigurePoint[]): FigurePoint[] {
  const end = series.points.at(-1)?.at ?? "";
  const from = end === "" ? 0 : Date.parse(end) + series.stepMs;
  const buckets = new Map<number, FigurePoint[]>();
  for (const point of live) {
    const t = Date.parse(point.at);
    if (t < from) continue;
    const start = from + Math.floor((t - from) / series.stepMs) * series.stepMs;
    buckets.set(start, [...(buckets.get(start) ?? []), point]);
  }
  return [...series.points, ...[...buckets].map(([start, points]) => averaged(start, points))];
}

function averaged(start: number, points: readonly FigurePoint[]): FigurePoint {
  const last = points.at(-1)!;
  const mean = (pick: (p: FigurePoint) => number | null) => {
    const known = points.map(pick).filter((n) => n !== null);
    return known.length === 0 ? null : known.reduce((a, b) => a + b, 0) / known.length;
  };
  const accepted = mean((p) => p.acceptedPerSecond);
  const duplicates = mean((p) => p.duplicatesPerSecond);
  const all = (accepted ?? 0) + (duplicates ?? 0);
  return {
    ...last,
    at: new Date(start).toISOString(),
    acceptedPerSecond: accepted,
    duplicatesPerSecond: duplicates,
    hitRate: all > 0 ? (duplicates ?? 0) / all : null,
  };
}

/** Every n-th point, the newest always among them. */
function thinned(points: readonly FigurePoint[]): { kept: FigurePoint[]; every: number } {
  const every = Math.max(1, Math.ceil(points.length / POINTS_MAX));
  return { kept: points.filter((_, i) => (points.length - 1 - i) % every === 0), every };
}

/** The next round number at or above `n`, at least `least`, whose half is round too: a scale that does not twitch. */
export function niceMax(n: number, least: number): number {
  if (n <= least) return least;
  const power = 10 ** Math.floor(Math.log10(n));
  const digit = [1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10].find((d) => d * power >= n) ?? 10;
  return digit * power;
}

export interface Mark {
  letter: string;
  t: number;
  event: FleetEvent;
}

const LETTERS = "ABCDEFGH";
/** Two marks nearer than this share of the chart would cover each other: the newer one stands for both. */
const APART = 0.03;

/** The newest changes of role and of the fleet within the chart, lettered from left to right. */
export function marksOf(events: readonly FleetEvent[], from: number, to: number): Mark[] {
  return events
    .filter(
      (event) =>
        event.kind === "operation" || event.kind === "role" || event.kind === "configuration",
    )
    .map((event) => ({ event, t: Date.parse(event.at) }))
    .filter(({ t }) => t >= from && t <= to)
    .reduce<{ event: FleetEvent; t: number }[]>((apart, mark) => {
      const last = apart.at(-1);
      if (last === undefined || last.t - mark.t >= (to - from) * APART) apart.push(mark);
      return apart;
    }, [])
    .slice(0, LETTERS.length)
    .reverse()
    .map((mark, i) => ({ ...mark, letter: LETTERS.charAt(i) }));
}

const STEPS_MS = [
  15,
  30,
  60,
  120,
  300,
  600,
  900,
  1_800,
  3_600,
  7_200,
  14_400,
  21_600,
  86_400,
  5 * 86_400,
].map((s) => s * 1_000);

/** About five round times between `from` and `to`. */
export function timeTicks(from: number, to: number): number[] {
  const step = STEPS_MS.find((each) => (to - from) / each <= 6) ?? 10 * 86_400_000;
  const first = Math.ceil(from / step) * step;
  return Array.from(
    { length: Math.max(0, Math.floor((to - first) / step) + 1) },
    (_, i) => first + i * step,
  );
}
