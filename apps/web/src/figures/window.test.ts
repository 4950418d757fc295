import type { FigurePoint } from "@chela/shared/fleet/view";
import { describe, expect, it } from "vitest";
import { hitRate, thin, totals } from "./window.ts";

const point = (ms: number, over: Partial<FigurePoint> = {}): FigurePoint => ({
  at: new Date(ms).toISOString(),
  acceptedPerSecond: 2,
  duplicatesPerSecond: 2,
  hitRate: 0.5,
  sessions: 10,
  sessionsByGateway: { "gw-1": 10 },
  acceptP99Ms: 5,
  backlog: 1,
  ...over,
});

describe("thinning", () => {
  it("averages rates and levels, keeps the worst latency and backlog", () => {
    const points = [point(0), point(1_000, { acceptedPerSecond: 4, acceptP99Ms: 50, backlog: 9 })];
    expect(thin(points, 0, 2_000, 2_000)).toEqual([
      expect.objectContaining({ acceptedPerSecond: 3, acceptP99Ms: 50, backlog: 9, hitRate: 0.4 }),
    ]);
  });

  it("leaves a gap a gap", () => {
    const [, gap] = thin([point(0), point(2_000)], 0, 3_000, 1_000);
    expect(gap).toMatchObject({ acceptedPerSecond: null, hitRate: null, sessions: null });
  });

  it("leaves out what is not in the window", () => {
    expect(thin([point(-1), point(5_000)], 0, 1_000, 1_000)[0]?.sessions).toBeNull();
  });
});

it("a hit rate of nothing is unknown, not 0", () => {
  expect(hitRate(0, 0)).toBeNull();
  expect(totals([{ accepted: 3, duplicates: 1 }])).toEqual({
    accepted: 3,
    duplicates: 1,
    hitRate: 0.25,
  });
});
