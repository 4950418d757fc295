import { router, viewerProcedure } from "../trpc.ts";
import { fleetInput, windowInput } from "./input.ts";

const seriesInput = fleetInput.extend({ window: windowInput });

export const figuresRouter = router({
  series: viewerProcedure
    .input(seriesInput)
    .query(({ ctx, input }) => ctx.console.figures.series(input.fleet, input.window)),
});

export const dedupeRouter = router({
  stats: viewerProcedure
    .input(seriesInput)
    .query(({ ctx, input }) => ctx.console.figures.dedupe(input.fleet, input.window)),
});
