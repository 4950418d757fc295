import { z } from "zod";
import { onOperation, operatorProcedure, router, viewerProcedure } from "../trpc.ts";
import {
  fleetInput,
  idempotencyKeyInput,
  operationInput,
  pageInput,
  reasonInput,
} from "./input.ts";

const SOAK_MAX_MS = 24 * 60 * 60_000;
const CONFIG_CHARS_MAX = 256 * 1024;
const GATEWAYS_MAX = 1_000;
const STAGES_MAX = 10;

const gatewaysInput = z.number().int().min(1).max(GATEWAYS_MAX).optional();
const timeInput = z.number().int().min(0).max(SOAK_MAX_MS).optional();

// Strict: an option that this version does not know must not be dropped silently.
const stageInput = z.strictObject({
  percent: z.number().min(1).max(100).optional(),
  count: gatewaysInput,
  /** The gate: a time, or an approval. */
  waitMs: timeInput,
  approval: z.boolean().optional(),
});

/** What is left out takes its default, see shared/rollout/strategy.ts. */
const strategyInput = z.strictObject({
  batchSize: gatewaysInput,
  maxUnavailable: z.number().int().min(0).max(GATEWAYS_MAX).optional(),
  order: z.enum(["startFirst", "stopFirst"]).optional(),
  startFirst: z.boolean().optional(),
  stopFirst: z.boolean().optional(),
  soakMs: timeInput,
  canary: z
    .union([
      z.boolean(),
      z.strictObject({ stages: z.array(stageInput).max(STAGES_MAX).optional() }),
    ])
    .optional(),
});

const requestInput = fleetInput.extend({
  image: z.string().min(1).max(300).optional(),
  config: z.string().max(CONFIG_CHARS_MAX).optional(),
  strategy: strategyInput.default({}),
});

export const rolloutsRouter = router({
  releases: viewerProcedure
    .input(fleetInput.extend(pageInput.shape))
    .query(({ ctx, input: { fleet, ...page } }) => ctx.console.releases.list(fleet, page)),
  /** Operators only: nothing keeps a value that should be a template out of gateway.json. */
  configuration: operatorProcedure
    .input(fleetInput)
    .query(({ ctx, input }) => ctx.console.releases.configuration(input.fleet)),
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
