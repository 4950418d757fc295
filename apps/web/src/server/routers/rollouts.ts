import { z } from "zod";
import { onOperation, operatorProcedure, router, viewerProcedure } from "../trpc.ts";
import { fleetInput, idempotencyKeyInput, operationInput, reasonInput } from "./input.ts";

const SOAK_MAX_MS = 24 * 60 * 60_000;
const CONFIG_CHARS_MAX = 256 * 1024;

const requestInput = fleetInput.extend({
  image: z.string().min(1).max(300).optional(),
  config: z.string().max(CONFIG_CHARS_MAX).optional(),
  // Strict: an option that this version does not know must not be dropped silently.
  strategy: z
    .strictObject({ soakMs: z.number().int().min(0).max(SOAK_MAX_MS).optional() })
    .default({}),
});

export const rolloutsRouter = router({
  plan: viewerProcedure
    .input(requestInput)
    .query(({ ctx, input }) => ctx.console.commands.planRollout(input)),
  start: operatorProcedure
    .input(
      requestInput.extend({
        planHash: z.string().max(128).optional(),
        reason: reasonInput,
        idempotencyKey: idempotencyKeyInput,
      }),
    )
    .mutation(({ ctx, input }) => ctx.console.commands.startRollout(input, ctx.by)),
  pause: onOperation("operator").mutation(({ ctx, input }) =>
    ctx.console.commands.pause(input.operationId, ctx.by),
  ),
  resume: onOperation("operator").mutation(({ ctx, input }) =>
    ctx.console.commands.resume(input.operationId, ctx.by),
  ),
  approve: onOperation("operator")
    .input(operationInput.extend({ stage: z.string().max(64).optional() }))
    .mutation(({ ctx, input }) =>
      ctx.console.commands.approve(input.operationId, input.stage, ctx.by),
    ),
  abort: onOperation("operator").mutation(({ ctx, input }) =>
    ctx.console.commands.abort(input.operationId, ctx.by),
  ),
  rollback: operatorProcedure
    .input(
      fleetInput.extend({
        release: z.number().int().min(1).optional(),
        idempotencyKey: idempotencyKeyInput,
      }),
    )
    .mutation(({ ctx, input }) => ctx.console.commands.rollBack(input, ctx.by)),
});
