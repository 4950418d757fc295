import { release } from "@chela/shared/fleet/testing/fake-view";
import type { RolloutStrategy } from "@chela/shared/fleet/view";
import { beginRollout } from "@chela/shared/rollout/plan";
import type { ReleaseRef } from "@chela/shared/rollout/state";
import { approveRollout } from "@chela/shared/rollout/steer";
import { fillStrategy, type StrategyInput } from "@chela/shared/rollout/strategy";
import { afterAll, describe, expect, it } from "vitest";
import type { Machine } from "../operation.ts";
import type { Nature } from "./fleet.ts";
import { expectKept, SIMULATION } from "./kept.ts";
import { atEveryPoint, type Mortality, World } from "./world.ts";

const SOAK_MS = 300;
const CRASH_POINTS_MIN = 100;
/** Of a course that goes through the same steps as another one, every third point. */
const ELSEWHERE_TOO = 3;

let crashPoints = 0;
afterAll(() => expect(crashPoints).toBeGreaterThanOrEqual(CRASH_POINTS_MIN));

interface Course {
  strategy?: StrategyInput;
  to?: ReleaseRef;
  nature?: Nature;
  abortAfter?: number;
}

function strategyOf(input: StrategyInput = {}): RolloutStrategy {
  return fillStrategy({ soakMs: SOAK_MS, ...input }, { gateways: 3, floor: 1 });
}

/** Begins it, and lets a human do what it waits for. */
async function rollout(mortality: Mortality | null, course: Course) {
  const world = await World.make();
  const nowMs = world.clock.wallMs();
  const to = course.to ?? release(2);
  world.fleet.natures.set(to.number, course.nature ?? "good");
  const input = {
    ...{ from: release(1), to, strategy: strategyOf(course.strategy) },
    ...{ floor: 1, expected: {}, mayGoBack: true },
  };
  await world.begin("rollout", beginRollout(world.fleet.view(nowMs), input, nowMs));
  await world.start(mortality);
  let aborted = false;
  const operation = await world.finish(async ({ machine }, turns) => {
    if (machine.machine !== "rollout") return;
    const { phase } = machine;
    if (phase.at === "gate" && phase.approvedBy === null) {
      const stage = `canary-${phase.stage + 1}`;
      await steer(world, (now) => approveRollout(now as typeof machine, stage, "ann"));
    }
    if (!aborted && turns >= (course.abortAfter ?? Number.POSITIVE_INFINITY)) {
      aborted = await steer(world, (now) => ({ ...now, aborting: true }));
    }
  });
  return { world, operation };
}

/** False where the console died over it: asked again then. */
const steer = (world: World, change: (machine: Machine) => Machine): Promise<boolean> =>
  world.controller.steer(world.operationId, change).then(
    () => true,
    () => false,
  );

const releasesOf = ({ fleet }: World) => fleet.gateways.map((gateway) => gateway.release);
/** Containers made of each gateway, in order. */
const made = ({ fleet }: World, action: string) =>
  [...fleet.effects.keys()].flatMap((key) => key.split(`-${action}-`)[1] ?? []);

const GOOD: [string, Course, { action: string; order: string[]; out: number }][] = [
  ["one at a time", {}, { action: "replace", order: ["gw-2", "gw-3", "gw-1"], out: 1 }],
  [
    "in batches",
    { strategy: { batchSize: 2, maxUnavailable: 2 } },
    { action: "replace", order: ["gw-2", "gw-3", "gw-1"], out: 2 },
  ],
  [
    "started first",
    { strategy: { startFirst: true } },
    { action: "take-over", order: ["gw-2", "gw-3", "gw-1"], out: 1 },
  ],
  [
    "with a canary by approval",
    { strategy: { canary: { stages: [{ count: 1 }, { percent: 60, waitMs: 500 }] } } },
    { action: "replace", order: ["gw-2", "gw-3", "gw-1"], out: 1 },
  ],
  [
    "of the configuration only",
    { to: { ...release(2), imageId: release(1).imageId } },
    { action: "replace", order: ["gw-2", "gw-3", "gw-1"], out: 1 },
  ],
];

describe("a console that is killed before and after every step of a rollout", SIMULATION, () => {
  it.each(GOOD)("%s: ends it the same, nothing done twice", async (_, course, expected) => {
    crashPoints += await atEveryPoint(
      async (mortality) => {
        const run = await rollout(mortality, course);
        const at = `killed at ${mortality.count}`;
        expect(run.operation.machine.state, at).toBe("succeeded");
        expect(releasesOf(run.world), at).toEqual([2, 2, 2]);
        expect(made(run.world, expected.action).at(-1), at).toBe(expected.order.at(-1));
        expect(made(run.world, expected.action).sort(), at).toEqual([...expected.order].sort());
        expect(
          run.world.fleet.gateways.some(({ draining }) => draining),
          at,
        ).toBe(false);
        expect(run.world.fleet.mostOut, at).toBeLessThanOrEqual(expected.out);
        expect(run.world.fleet.release, at).toBe(2);
        expectKept(run, at, SOAK_MS);
      },
      course.to === undefined ? 1 : ELSEWHERE_TOO,
    );
  });

  it.each([
    ["never gets healthy", { nature: "never-healthy" }, "not-healthy"],
    [
      "never gets healthy, started first",
      { nature: "never-healthy", strategy: { startFirst: true } },
      "not-healthy",
    ],
    ["answers errors", { nature: "answers-errors" }, "error rate"],
    [
      "answers errors in a canary",
      { nature: "answers-errors", strategy: { canary: true } },
      "error rate",
    ],
  ] satisfies [string, Course, string][])(
    "to a release that %s: ends it rolled back, one gateway exposed",
    async (_, course, why) => {
      crashPoints += await atEveryPoint(async (mortality) => {
        const run = await rollout(mortality, course);
        const at = `killed at ${mortality.count}`;
        expect(run.operation.machine.state, at).toBe("rolled-back");
        expect(run.operation.machine.outcome, at).toContain(why);
        expect(releasesOf(run.world), at).toEqual([1, 1, 1]);
        const touched = new Set([...made(run.world, "replace"), ...made(run.world, "surge")]);
        expect(touched.size, at).toBe(1);
        expect(
          run.world.fleet.gateways.some(({ draining }) => draining),
          at,
        ).toBe(false);
        expect(run.world.fleet.release, at).toBe(1);
        expectKept(run, at, SOAK_MS);
      });
    },
  );

  it.each([7, 15, 28])("that is aborted after %i looks: brings all back", async (abortAfter) => {
    crashPoints += await atEveryPoint(async (mortality) => {
      const run = await rollout(mortality, { abortAfter });
      const at = `killed at ${mortality.count}`;
      expect(run.operation.machine.state, at).toBe("aborted");
      expect(releasesOf(run.world), at).toEqual([1, 1, 1]);
      expect(
        run.world.fleet.gateways.some(({ draining }) => draining),
        at,
      ).toBe(false);
      expectKept(run, at, SOAK_MS);
    }, ELSEWHERE_TOO);
  });
});

describe("a rollout that is aborted", SIMULATION, () => {
  it("is heard at once and brings every changed gateway back, wherever it stands", async () => {
    for (const strategy of [{}, { startFirst: true }, { batchSize: 2 }] satisfies StrategyInput[]) {
      for (let abortAfter = 0; ; abortAfter += 2) {
        const run = await rollout(null, { abortAfter, strategy });
        if (run.operation.machine.state === "succeeded") break;
        const at = `aborted after ${abortAfter}`;
        expect(run.operation.machine.state, at).toBe("aborted");
        expect(releasesOf(run.world), at).toEqual([1, 1, 1]);
        expect(run.world.fleet.release, at).toBe(1);
        expect(
          run.world.fleet.gateways.some(({ draining }) => draining),
          at,
        ).toBe(false);
        expectKept(run, at, SOAK_MS);
      }
    }
  });
});
