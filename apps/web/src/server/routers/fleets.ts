import type { FleetView, Page } from "@chela/shared/fleet/view";
import { acrossFleets, router, viewerProcedure } from "../trpc.ts";
import { fleetInput } from "./input.ts";

export const fleetsRouter = router({
  list: acrossFleets("viewer").query(
    ({ ctx }): Page<FleetView> => ({
      items: ctx.console.fleets
        .list()
        .filter(({ fleet }) => ctx.fleets === "every" || ctx.fleets.includes(fleet)),
      nextCursor: null,
    }),
  ),
  get: viewerProcedure
    .input(fleetInput)
    .query(({ ctx, input }) => ctx.console.fleets.get(input.fleet)),
});
