import type { FigurePoint } from "@chela/shared/fleet/view";
import { hitRate } from "./window.ts";

/**
 * What was seen during one step of time. Made so that narrower ones add up to a wider one without loss: counts are
 * sums, levels means weighted by how often they were looked at, latency and backlog the worst.
 */
export interface Sample {
  /** Start of the step, ms since 1970. */
  atMs: number;
  /** How much of it was counted: 0 = not known how many came in. */
  seenMs: number;
  accepted: number;
  duplicates: number;
  /** How often sessions were looked at. */
  looks: number;
  /** Mean of these looks. */
  sessions: number | null;
  /** Of the last look. */
  sessionsByGateway: Record<string, number>;
  acceptP99Ms: number | null;
  backlog: number | null;
}

/** Steps of the width `stepMs` on round times out of narrower ones. A step in which nothing was seen is not there. */
export function downSample(samples: readonly Sample[], stepMs: number): Sample[] {
  const steps = new Map<number, Sample[]>();
  for (const sample of samples) {
    const atMs = Math.floor(sample.atMs / stepMs) * stepMs;
    const step = steps.get(atMs);
    if (step === undefined) steps.set(atMs, [sample]);
    else step.push(sample);
  }
  return [...steps].sort(([a], [b]) => a - b).map(([atMs, within]) => together(within, atMs));
}

/** @param samples in order of time, at least one. */
function together(samples: readonly Sample[], atMs: number): Sample {
  const sum = (of: (sample: Sample) => number) => samples.reduce((all, each) => all + of(each), 0);
  const looks = sum((sample) => sample.looks);
  return {
    atMs,
    seenMs: sum((sample) => sample.seenMs),
    accepted: sum((sample) => sample.accepted),
    duplicates: sum((sample) => sample.duplicates),
    looks,
    sessions: looks === 0 ? null : sum(({ sessions, looks: own }) => (sessions ?? 0) * own) / looks,
    sessionsByGateway: samples.findLast((sample) => sample.looks > 0)?.sessionsByGateway ?? {},
    acceptP99Ms: worst(samples.map((sample) => sample.acceptP99Ms)),
    backlog: worst(samples.map((sample) => sample.backlog)),
  };
}

function worst(figures: readonly (number | null)[]): number | null {
  return figures.reduce(
    (most, each) => (each === null ? most : most === null ? each : Math.max(most, each)),
    null,
  );
}

/** As the API shows it; what was not seen is null, not 0. */
export function pointOf(sample: Sample): FigurePoint {
  const seconds = sample.seenMs / 1_000;
  const rate = (count: number) =>
    seconds === 0 ? null : Math.round((count / seconds) * 1_000) / 1_000;
  return {
    at: new Date(sample.atMs).toISOString(),
    acceptedPerSecond: rate(sample.accepted),
    duplicatesPerSecond: rate(sample.duplicates),
    hitRate: seconds === 0 ? null : hitRate(sample.accepted, sample.duplicates),
    sessions: sample.sessions === null ? null : Math.round(sample.sessions),
    sessionsByGateway: sample.sessionsByGateway,
    acceptP99Ms: sample.acceptP99Ms,
    backlog: sample.backlog,
  };
}

/** One point for every step of a window: where nothing was seen, a gap that says so. */
export function pointsOf(
  samples: readonly Sample[],
  fromMs: number,
  untilMs: number,
  stepMs: number,
): FigurePoint[] {
  const known = new Map(
    downSample(
      samples.filter(({ atMs }) => atMs >= fromMs && atMs < untilMs),
      stepMs,
    ).map((sample) => [sample.atMs, sample]),
  );
  const points: FigurePoint[] = [];
  const first = Math.floor(fromMs / stepMs) * stepMs;
  for (let atMs = first; atMs < untilMs; atMs += stepMs) {
    points.push(pointOf(known.get(atMs) ?? { ...NOTHING, atMs }));
  }
  return points;
}

const NOTHING: Sample = {
  atMs: 0,
  seenMs: 0,
  accepted: 0,
  duplicates: 0,
  looks: 0,
  sessions: null,
  sessionsByGateway: {},
  acceptP99Ms: null,
  backlog: null,
};
