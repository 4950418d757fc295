import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { downSample, pointOf, pointsOf, type Sample } from "./sample.ts";
import { hitRate, stepOf, totals, WINDOW_SOURCE } from "./window.ts";

const sample = (atMs: number, over: Partial<Sample> = {}): Sample => ({
  atMs,
  seenMs: 1_000,
  accepted: 2,
  duplicates: 2,
  looks: 1,
  sessions: 10,
  sessionsByGateway: { "gw-1": 10 },
  acceptP99Ms: 5,
  backlog: 1,
  ...over,
});

const SPAN_MS = 3_600_000;
const count = fc.nat({ max: 100_000 });
/** Seconds of an hour, some of them missing, some with figures missing. */
const seconds = fc
  .uniqueArray(fc.nat({ max: SPAN_MS / 1_000 - 1 }), { maxLength: 200 })
  .chain((places) =>
    fc.tuple(
      ...places
        .sort((a, b) => a - b)
        .map((place) =>
          fc.record({
            atMs: fc.constant(place * 1_000),
            seenMs: fc.constantFrom(0, 999, 1_000, 1_004),
            accepted: count,
            duplicates: count,
            looks: fc.constant(1),
            sessions: count,
            sessionsByGateway: fc.dictionary(fc.constantFrom("gw-1", "gw-2"), count),
            acceptP99Ms: fc.option(fc.nat()),
            backlog: fc.option(count),
          }),
        ),
    ),
  ) as fc.Arbitrary<Sample[]>;
const step = fc.constantFrom(2_000, 10_000, 60_000, 300_000, 7_200_000);
const sum = (samples: readonly Sample[], of: (sample: Sample) => number) =>
  samples.reduce((all, each) => all + of(each), 0);
const highest = (figures: (number | null)[]) =>
  figures.every((each) => each === null) ? null : Math.max(...figures.map((each) => each ?? 0));

describe("down-sampling", () => {
  it("conserves sums, in every step and so on the whole", () => {
    fc.assert(
      fc.property(seconds, step, (samples, stepMs) => {
        const wide = downSample(samples, stepMs);
        for (const of of [
          (each: Sample) => each.accepted,
          (each: Sample) => each.duplicates,
          (each: Sample) => each.seenMs,
          (each: Sample) => each.looks,
        ]) {
          expect(sum(wide, of)).toBe(sum(samples, of));
        }
      }),
    );
  });

  it("keeps the worst latency and backlog, and means between the least and the most", () => {
    fc.assert(
      fc.property(seconds, step, (samples, stepMs) => {
        for (const wide of downSample(samples, stepMs)) {
          const own = samples.filter(({ atMs }) => atMs >= wide.atMs && atMs < wide.atMs + stepMs);
          expect(wide.acceptP99Ms).toBe(highest(own.map((each) => each.acceptP99Ms)));
          expect(wide.backlog).toBe(highest(own.map((each) => each.backlog)));
          const levels = own.map((each) => each.sessions!);
          expect(wide.sessions).toBeGreaterThanOrEqual(Math.min(...levels) - 1e-6);
          expect(wide.sessions).toBeLessThanOrEqual(Math.max(...levels) + 1e-6);
          expect(wide.sessionsByGateway).toEqual(own.at(-1)!.sessionsByGateway);
        }
      }),
    );
  });

  it("comes out the same in one go and over a width between", () => {
    fc.assert(
      fc.property(seconds, (samples) => {
        const direct = downSample(samples, 60_000);
        const over = downSample(downSample(samples, 10_000), 60_000);
        expect(over.map((each) => ({ ...each, sessions: null }))).toEqual(
          direct.map((each) => ({ ...each, sessions: null })),
        );
        for (const [index, each] of over.entries()) {
          expect(each.sessions).toBeCloseTo(direct[index]!.sessions!, 6);
        }
      }),
    );
  });

  it("leaves every gap a gap and makes none", () => {
    fc.assert(
      fc.property(seconds, step, (samples, stepMs) => {
        const points = pointsOf(samples, 0, SPAN_MS, stepMs);
        expect(points).toHaveLength(Math.ceil(SPAN_MS / stepMs));
        for (const point of points) {
          const from = Date.parse(point.at);
          const own = samples.filter(({ atMs }) => atMs >= from && atMs < from + stepMs);
          expect(point.sessions === null).toBe(own.length === 0);
          expect(point.acceptedPerSecond === null).toBe(own.every((each) => each.seenMs === 0));
        }
      }),
    );
  });
});

describe("a point", () => {
  it("has rates over what was seen, not over its width", () => {
    expect(pointOf(sample(0, { seenMs: 4_000, accepted: 6, duplicates: 2 }))).toMatchObject({
      acceptedPerSecond: 1.5,
      duplicatesPerSecond: 0.5,
      hitRate: 0.25,
    });
  });

  it("knows nothing of what came in before the first look", () => {
    expect(pointOf(sample(0, { seenMs: 0, accepted: 0, duplicates: 0 }))).toMatchObject({
      acceptedPerSecond: null,
      hitRate: null,
      sessions: 10,
    });
  });
});

describe("a window", () => {
  it("has at most 300 points, each of whole samples", () => {
    for (const window of ["15m", "1h", "24h", "30d"] as const) {
      expect(stepOf(window) % (WINDOW_SOURCE[window] * 1_000)).toBe(0);
    }
    expect([stepOf("15m"), stepOf("1h"), stepOf("24h"), stepOf("30d")]).toEqual([
      3_000, 20_000, 300_000, 8_640_000,
    ]);
  });

  it("a hit rate of nothing is unknown, not 0", () => {
    expect(hitRate(0, 0)).toBeNull();
    expect(totals([{ accepted: 3, duplicates: 1 }])).toEqual({
      accepted: 3,
      duplicates: 1,
      hitRate: 0.25,
    });
  });
});
