import { expect } from "vitest";
import type { World } from "./world.ts";

export const three = () => [{ name: "a", shards: 16 }, { name: "b" }, { name: "c" }];
export const releases = (world: World) => world.gateways.map(({ release }) => release);
/** Which gateways were replaced, in that order. */
export const replaced = (world: World, action = "replace") =>
  world.said.flatMap((line) => line.match(new RegExp(`-${action}-(\\w+) ok`))?.[1] ?? []);

/** It left nothing behind, and broke no rule on the way. */
export function clean(world: World) {
  expect(world.broken).toEqual([]);
  expect(world.gateways.filter(({ draining }) => draining)).toEqual([]);
  expect(world.gateways.filter(({ surge }) => surge !== null)).toEqual([]);
  expect(world.canary).toBeNull();
  expect(world.state.steps.filter(({ state }) => state === "running")).toEqual([]);
}
