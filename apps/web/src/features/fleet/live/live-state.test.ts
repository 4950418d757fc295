import type {
  FeedMessage,
  FigurePoint,
  FleetEvent,
  FleetView,
  OperationView,
} from "@chela/shared/fleet/view";
import { describe, expect, it } from "vitest";
import { FIGURES_MAX, type LiveState, NOTHING_YET, withMessage } from "./live-state.ts";

const T0 = Date.parse("2026-11-22T12:00:00.000Z");
const iso = (ms: number) => new Date(T0 + ms).toISOString();
const fleet = (asOf: string) => ({ fleet: "chela", asOf }) as FleetView;
const operation = (id: string, endedAt: string | null = null, startedAt = iso(0)) =>
  ({ id, startedAt, endedAt }) as OperationView;
const event = (id: string, at: string) => ({ id, at }) as FleetEvent;
const point = (at: string) => ({ at }) as FigurePoint;
const snapshot = (over: Partial<Extract<FeedMessage, { type: "snapshot" }>> = {}): FeedMessage => ({
  type: "snapshot",
  boot: "b",
  fleet: fleet(iso(0)),
  operations: [],
  events: [],
  figures: [],
  ...over,
});
const play = (messages: FeedMessage[], from: LiveState = NOTHING_YET) =>
  messages.reduce((state, message, i) => withMessage(state, message, T0 + i * 1_000), from);

describe("live state", () => {
  it("any message counts as a sign of life", () => {
    const messages: FeedMessage[] = [
      snapshot(),
      { type: "fleet", fleet: fleet(iso(0)) },
      { type: "operation", operation: operation("a") },
      { type: "event", event: event("e", iso(0)) },
      { type: "figure", point: point(iso(0)) },
    ];
    messages.forEach((message, i) => {
      expect(withMessage(NOTHING_YET, message, T0 + i).heardAt).toBe(T0 + i);
    });
  });

  it("a snapshot replaces figures and events, keeps what is over, and forgets what is not known to run", () => {
    const before = play([
      snapshot({
        operations: [operation("done", iso(1)), operation("lost")],
        figures: [point(iso(0))],
      }),
    ]);
    const after = play(
      [snapshot({ operations: [operation("new")], events: [event("e", iso(2))] })],
      before,
    );
    expect(Object.keys(after.operations).sort()).toEqual(["done", "new"]);
    expect(after.figures).toEqual([]);
    expect(after.events).toHaveLength(1);
  });

  it("keeps events newest first and each once", () => {
    const state = play([
      snapshot({ events: [event("a", iso(1)), event("b", iso(2))] }),
      { type: "event", event: event("c", iso(3)) },
      { type: "event", event: event("b", iso(2)) },
    ]);
    expect(state.events.map((e) => e.id)).toEqual(["c", "b", "a"]);
  });

  it("keeps a bounded number of points, in order, a repeated second once", () => {
    const points = Array.from({ length: FIGURES_MAX + 20 }, (_, i) => ({
      type: "figure" as const,
      point: point(iso(i * 1_000)),
    }));
    const state = play([...points, points[points.length - 1]!]);
    expect(state.figures).toHaveLength(FIGURES_MAX);
    expect(state.figures.at(-1)?.at).toBe(points.at(-1)?.point.at);
    expect(new Set(state.figures.map((p) => p.at)).size).toBe(FIGURES_MAX);
  });

  it("learns the difference of the clocks from the fastest message", () => {
    let state = withMessage(NOTHING_YET, { type: "fleet", fleet: fleet(iso(0)) }, T0 + 5_080);
    state = withMessage(state, { type: "fleet", fleet: fleet(iso(1_000)) }, T0 + 6_010);
    state = withMessage(state, { type: "fleet", fleet: fleet(iso(2_000)) }, T0 + 8_500);
    expect(state.skewMs).toBe(5_010);
  });
});
