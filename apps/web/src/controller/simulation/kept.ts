import { expect } from "vitest";
import type { Operation } from "../operation.ts";
import type { World } from "./world.ts";

/** Hundreds of runs: on a busy machine more than the usual five seconds. */
export const SIMULATION = { timeout: 180_000 };

/** What holds at the end of every operation, wherever its console died. */
export function expectKept(
  { world, operation }: { world: World; operation: Operation },
  at: string,
  soakMs = 0,
) {
  const { fleet } = world;
  expect(fleet.broken, at).toEqual([]);
  expect(
    [...fleet.effects.values()].filter((times) => times !== 1),
    at,
  ).toEqual([]);
  expect(
    fleet.gateways.filter(({ surge }) => surge !== null),
    at,
  ).toEqual([]);
  expect(fleet.canary, at).toEqual([]);
  const steps = operation.machine.steps;
  expect(
    steps.filter(({ state }) => state === "running" || state === "pending"),
    at,
  ).toEqual([]);
  for (const { name, state, ms } of steps) {
    if (name === "soak" && state === "done") expect(ms, at).toBeGreaterThanOrEqual(soakMs);
  }
}
