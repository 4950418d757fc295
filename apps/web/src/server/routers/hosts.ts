import type { HostView, ImageChoice, Page } from "@chela/shared/fleet/view";
import { z } from "zod";
import { adminProcedure, operatorProcedure, router, viewerProcedure } from "../trpc.ts";
import { fleetInput, idempotencyKeyInput, nameInput, reasonInput } from "./input.ts";

const hostInput = fleetInput.extend({ host: z.string().min(1).max(64) });

const drainInput = hostInput.extend({ moveTo: z.enum(["others", "none"]).optional() });

export const hostsRouter = router({
  list: viewerProcedure.input(fleetInput).query(
    async ({ ctx, input }): Promise<Page<HostView>> => ({
      items: (await ctx.console.fleets.get(input.fleet)).hosts,
      nextCursor: null,
    }),
  ),
  createJoinToken: adminProcedure
    .input(fleetInput.extend({ host: nameInput, region: nameInput.optional() }))
    .mutation(({ ctx, input }) => ctx.console.hosts.createJoinToken(input, ctx.by)),
  revoke: adminProcedure
    .input(hostInput)
    .mutation(({ ctx, input }) => ctx.console.hosts.revoke(input.fleet, input.host, ctx.by)),
  cordon: operatorProcedure
    .input(hostInput)
    .mutation(({ ctx, input }) =>
      ctx.console.hosts.setCordoned(input.fleet, input.host, true, ctx.by),
    ),
  uncordon: operatorProcedure
    .input(hostInput)
    .mutation(({ ctx, input }) =>
      ctx.console.hosts.setCordoned(input.fleet, input.host, false, ctx.by),
    ),
  previewDrain: viewerProcedure
    .input(drainInput)
    .query(({ ctx, input }) => ctx.console.commands.previewDrain(input)),
  drain: operatorProcedure
    .input(
      drainInput.extend({
        planHash: z.string().max(128).optional(),
        reason: reasonInput,
        idempotencyKey: idempotencyKeyInput,
      }),
    )
    .mutation(({ ctx, input }) => ctx.console.commands.drainHost(input, ctx.by)),
});

export const imagesRouter = router({
  list: viewerProcedure.input(fleetInput).query(
    async ({ ctx, input }): Promise<Page<ImageChoice>> => ({
      items: await ctx.console.hosts.images(input.fleet),
      nextCursor: null,
    }),
  ),
});
