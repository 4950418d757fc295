import type {
  OperationStep,
  OperationView,
  RolloutStrategy,
  StepState,
} from "@chela/shared/fleet/view";
import { describe, expect, it } from "vitest";
import { currentGateway, laneInWords, lanesOf, shareOf } from "./lane-layout.ts";

const step = (
  name: string,
  gateway: string | undefined,
  state: StepState,
  ms: number | null = null,
): OperationStep => ({
  name,
  ...(gateway === undefined ? {} : { gateway }),
  state,
  startedAt: state === "pending" ? null : "2026-11-22T12:00:00.000Z",
  ms,
  detail: null,
});
const visit = (gateway: string, state: StepState, ms = 10) =>
  ["drain", "replace", "healthy", "back", "soak"].map((name) =>
    step(name, gateway, state, state === "done" ? ms : null),
  );
const rollout = (...steps: OperationStep[]) =>
  ({
    steps,
    rollout: {
      order: [
        { gateway: "gw-2", host: "a", role: "standby" },
        { gateway: "gw-1", host: "b", role: "active" },
      ],
    },
  }) as unknown as Pick<OperationView, "steps" | "rollout">;

describe("lanes of a rollout", () => {
  it("shows a lane for every gateway of the plan before the first step", () => {
    const lanes = lanesOf(rollout(step("image", undefined, "running")));
    expect(lanes.map((lane) => [lane.gateway, lane.host, lane.state])).toEqual([
      ["gw-2", "a", "pending"],
      ["gw-1", "b", "pending"],
    ]);
  });

  it("puts a switchover into the lane of the gateway that it frees", () => {
    const lanes = lanesOf(
      rollout(
        ...visit("gw-2", "done"),
        step("switchover", "gw-2", "done", 120),
        ...visit("gw-1", "pending"),
      ),
    );
    expect(lanes[0]?.phases.switchover).toBeNull();
    expect(lanes[1]?.phases.switchover?.ms).toBe(120);
    expect(lanes.map((lane) => lane.state)).toEqual(["done", "running"]);
    expect(lanes[0]?.ms).toBe(50);
  });

  it("shows the latest visit when a rollout goes back", () => {
    const lanes = lanesOf(rollout(...visit("gw-2", "done", 10), ...visit("gw-2", "done", 20)));
    expect(lanes[0]?.gateway).toBe("gw-2");
    expect(lanes[0]?.ms).toBe(100);
  });

  it("follows the gateway that is worked on", () => {
    expect(
      currentGateway(lanesOf(rollout(...visit("gw-2", "done"), step("drain", "gw-1", "running")))),
    ).toBe("gw-1");
    expect(currentGateway(lanesOf(rollout(...visit("gw-2", "done"))))).toBe("gw-2");
    expect(currentGateway(lanesOf(rollout()))).toBeNull();
  });

  it("a soak counts by its time", () => {
    const steps = [...visit("gw-2", "done").slice(0, 4), step("soak", "gw-2", "running")];
    const lane = lanesOf(rollout(...steps))[0]!;
    const now = Date.parse("2026-11-22T12:00:05.000Z");
    expect(shareOf(lane, 10_000, now)).toBeCloseTo(0.9);
    expect(shareOf(lane, 10_000, now + 60_000)).toBe(1);
  });

  it("going back, tells who is due from who was never touched", () => {
    const lanes = lanesOf(rollout(...visit("gw-2", "done")));
    const words = (direction: "forward" | "back", done: string[]) =>
      lanes.map((lane) => laneInWords(lane, { direction, done }));
    expect(words("forward", ["gw-2"])).toEqual(["done", "waits"]);
    expect(words("back", [])).toEqual(["goes back", "not touched"]);
    expect(words("back", ["gw-2"])).toEqual(["done", "not touched"]);
  });

  it("shows a gateway that starts anew before the old one stops in columns of its own", () => {
    const started = rollout(
      ...["surge", "healthy", "drain", "take-over", "back", "soak"].map((name) =>
        step(name, "gw-2", "done", 10),
      ),
      step("unsurge", "gw-1", "running"),
    );
    const lanes = lanesOf({
      ...started,
      rollout: { ...started.rollout!, strategy: { order: "startFirst" } as RolloutStrategy },
    });
    expect(lanes[0]).toMatchObject({ gateway: "gw-2", state: "done", ms: 60 });
    expect(lanes[1]?.phases.surge?.name).toBe("unsurge");
  });
});
