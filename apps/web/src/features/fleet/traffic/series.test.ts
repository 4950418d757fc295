import type { FigurePoint, FigureSeries, FleetEvent } from "@chela/shared/fleet/view";
import { describe, expect, it } from "vitest";
import { continued, marksOf, niceMax, POINTS_MAX, rowsOf, timeTicks } from "./series.ts";

const iso = (s: number) => new Date(s * 1_000).toISOString();
const point = (s: number, over: Partial<FigurePoint> = {}): FigurePoint => ({
  at: iso(s),
  acceptedPerSecond: 10,
  duplicatesPerSecond: 0,
  hitRate: 0,
  sessions: 5,
  sessionsByGateway: { "gw-1": 5 },
  acceptP99Ms: 4,
  backlog: 0,
  ...over,
});

describe("figures as a chart draws them", () => {
  it("a gap stays a gap", () => {
    const rows = rowsOf([point(1), point(2), point(9)], ["gw-1"], 1_000);
    expect(rows.map((row) => row.accepted)).toEqual([10, 10, null, 10]);
  });

  it("a gateway that holds none draws no line, save where it begins and ends", () => {
    const held = { sessionsByGateway: { "gw-2": 5 } };
    const points = [point(1), point(2), point(3, held), point(4), point(5)];
    const rows = rowsOf(points, ["gw-1", "gw-2"], 1_000);
    expect(rows.map((row) => row["gw:gw-2"])).toEqual([null, 0, 5, 0, null]);
  });

  it("a gap stays a gap when points are left out", () => {
    const points = Array.from({ length: 700 }, (_, i) => point(i < 350 ? i : i + 60));
    expect(rowsOf(points, [], 1_000).filter((row) => row.accepted === null)).toHaveLength(1);
  });

  it("draws no more points than a chart can take, the newest among them", () => {
    const rows = rowsOf(
      Array.from({ length: 1_000 }, (_, i) => point(i)),
      [],
      1_000,
    );
    expect(rows.length).toBeLessThanOrEqual(POINTS_MAX);
    expect(rows.at(-1)?.t).toBe(999_000);
  });

  it("goes on from a stored series without counting a second twice", () => {
    const series: FigureSeries = {
      window: "1h",
      stepMs: 10_000,
      points: [point(0), point(10)],
      asOf: iso(20),
    };
    const live = Array.from({ length: 25 }, (_, i) =>
      point(10 + i, { acceptedPerSecond: i, duplicatesPerSecond: i }),
    );
    const points = continued(series, live);
    expect(points.map((p) => p.at)).toEqual([0, 10, 20, 30].map(iso));
    expect(points[2]?.acceptedPerSecond).toBe(14.5);
    expect(points[2]?.hitRate).toBe(0.5);
  });

  it("letters the newest events within the chart from left to right", () => {
    const event = (id: string, s: number, kind: FleetEvent["kind"]) =>
      ({ id, at: iso(s), kind }) as FleetEvent;
    const marks = marksOf(
      [
        event("d", 9, "operation"),
        event("c", 8, "health"),
        event("b", 7, "role"),
        event("a", 1, "role"),
      ],
      5_000,
      10_000,
    );
    expect(marks.map((mark) => `${mark.letter}${mark.event.id}`)).toEqual(["Ab", "Bd"]);
  });

  it("chooses scales and times a reader can divide", () => {
    expect([niceMax(0, 5), niceMax(6, 5), niceMax(57.6, 5), niceMax(2_846, 5)]).toEqual([
      5, 6, 60, 3_000,
    ]);
    const ticks = timeTicks(0, 300_000);
    expect(ticks).toEqual([0, 60_000, 120_000, 180_000, 240_000, 300_000]);
  });
});
