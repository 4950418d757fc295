import { tracked } from "@trpc/server";
import { z } from "zod";
import { operatorProcedure, router, viewerProcedure } from "../trpc.ts";
import { fleetInput, gatewayInput, idempotencyKeyInput, nameInput, reasonInput } from "./input.ts";

const WEIGHT_MAX = 100;
const TAIL_LINES_MAX = 1_000;
const commandInput = gatewayInput.extend({
  reason: reasonInput,
  idempotencyKey: idempotencyKeyInput,
});

export const gatewaysRouter = router({
  create: operatorProcedure
    .input(
      fleetInput.extend({
        host: z.string().min(1).max(64),
        gateway: nameInput.optional(),
        weight: z.number().int().min(1).max(WEIGHT_MAX).optional(),
        backup: z.boolean().optional(),
        idempotencyKey: idempotencyKeyInput,
      }),
    )
    .mutation(({ ctx, input }) => ctx.console.commands.createGateway(input, ctx.by)),
  /** Needs `confirm` = the gateway's name. */
  remove: operatorProcedure
    .input(commandInput.extend({ confirm: z.string().max(64).optional() }))
    .mutation(({ ctx, input }) => ctx.console.commands.gateway("gateway-remove", input, ctx.by)),
  restart: operatorProcedure
    .input(commandInput)
    .mutation(({ ctx, input }) => ctx.console.commands.gateway("gateway-restart", input, ctx.by)),
  drain: operatorProcedure
    .input(commandInput)
    .mutation(({ ctx, input }) => ctx.console.commands.gateway("gateway-drain", input, ctx.by)),
  undrain: operatorProcedure
    .input(commandInput)
    .mutation(({ ctx, input }) => ctx.console.commands.gateway("gateway-undrain", input, ctx.by)),
  logs: viewerProcedure
    .input(
      gatewayInput.extend({
        tail: z.number().int().min(0).max(TAIL_LINES_MAX).default(200),
        /** False: what there is, and no more. */
        follow: z.boolean().default(true),
        lastEventId: z.string().max(64).nullish(),
      }),
    )
    .subscription(async function* ({ ctx, input, signal }) {
      const lines = await ctx.console.logs.follow(
        input.fleet,
        input.gateway,
        // After a reconnection only what is new: the lines before it are on the screen already.
        { tail: input.lastEventId ? 0 : input.tail, follow: input.follow },
        signal ?? new AbortController().signal,
      );
      let sequence = 0;
      for await (const line of lines) yield tracked(String(++sequence), line);
    }),
});
