import { z } from "zod";
import { router, viewerProcedure } from "../trpc.ts";
import { fleetInput, pageInput } from "./input.ts";

export const sessionsRouter = router({
  list: viewerProcedure
    .input(
      fleetInput.extend({
        ...pageInput.shape,
        query: z.string().max(256).optional(),
        channel: z.string().max(64).optional(),
        gateway: z.string().max(64).optional(),
      }),
    )
    .query(({ ctx, input }) => ctx.console.sessions.list(input)),
  get: viewerProcedure
    .input(fleetInput.extend({ session: z.string().min(1).max(600) }))
    .query(({ ctx, input }) => ctx.console.sessions.get(input.fleet, input.session)),
});
