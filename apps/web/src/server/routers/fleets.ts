import type { FleetView, Page } from "@chela/shared/fleet/view";
import { router, viewerProcedure } from "../trpc.ts";
import { fleetInput } from "./input.ts";

export const fleetsRouter = router({
  list: viewerProcedure.query(
    ({ ctx }): Page<FleetView> => ({ items: ctx.console.fleets.list(), nextCursor: null }),
  ),
  get: viewerProcedure
    .input(fleetInput)
    .query(({ ctx, input }) => ctx.console.fleets.get(input.fleet)),
});
