import type { FleetDifference } from "@chela/shared/fleet/view";
import { expect, it } from "vitest";
import { worstFirst } from "./consequence.ts";

it("shows what stops something before what costs nothing", () => {
  const of = (path: string, consequence: FleetDifference["consequence"]) =>
    ({ path, consequence }) as FleetDifference;
  expect(
    worstFirst([
      of("floor", "none"),
      of("gateways.gw-3", "starts"),
      of("gateways.gw-2", "stops"),
    ]).map(({ path }) => path),
  ).toEqual(["gateways.gw-2", "gateways.gw-3", "floor"]);
});
