import { z } from "zod";
import { operatorProcedure, router, viewerProcedure } from "../trpc.ts";
import { fleetInput, pageInput } from "./input.ts";

const letterInput = fleetInput.extend({
  shard: z.number().int().min(0),
  id: z.string().regex(/^\d{1,15}-\d{1,15}$/, "is not the id of a dead letter"),
});

/** What the gateways gave up, see OPERATIONS.md. */
export const deadLettersRouter = router({
  list: viewerProcedure
    .input(fleetInput.extend(pageInput.shape))
    .query(({ ctx, input }) => ctx.console.deadLetters.list(input)),
  /** Puts it back where it came from: it is processed, or sent, anew. */
  redrive: operatorProcedure
    .input(letterInput)
    .mutation(({ ctx, input }) => ctx.console.deadLetters.redrive(input, ctx.by)),
  discard: operatorProcedure
    .input(letterInput)
    .mutation(({ ctx, input }) => ctx.console.deadLetters.discard(input, ctx.by)),
});
