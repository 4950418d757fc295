import { z } from "zod";
import { operatorProcedure, router, viewerProcedure } from "../trpc.ts";
import { fleetInput, gatewayInput, idempotencyKeyInput, reasonInput } from "./input.ts";

const requestInput = gatewayInput.extend({ kind: z.enum(["switchover", "failover"]) });

export const failoverRouter = router({
  preview: viewerProcedure
    .input(requestInput)
    .query(({ ctx, input }) => ctx.console.commands.previewFailover(input)),
  execute: operatorProcedure
    .input(
      requestInput.extend({
        planHash: z.string().max(128).optional(),
        reason: reasonInput,
        idempotencyKey: idempotencyKeyInput,
        confirm: z.string().max(64).optional(),
      }),
    )
    .mutation(({ ctx, input }) => ctx.console.commands.executeFailover(input, ctx.by)),
  pause: operatorProcedure
    .input(fleetInput.extend({ reason: reasonInput }))
    .mutation(({ ctx, input }) => ctx.console.commands.pauseFailover(input, ctx.by)),
  resume: operatorProcedure
    .input(fleetInput)
    .mutation(({ ctx, input }) => ctx.console.commands.resumeFailover(input, ctx.by)),
  acknowledge: operatorProcedure
    .input(fleetInput)
    .mutation(({ ctx, input }) => ctx.console.commands.acknowledgeFlapping(input, ctx.by)),
});
