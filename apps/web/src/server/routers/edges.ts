import type { EdgeConfiguration, Page } from "@chela/shared/fleet/view";
import { z } from "zod";
import { operatorProcedure, router, viewerProcedure } from "../trpc.ts";
import { fleetInput, idempotencyKeyInput } from "./input.ts";

const edgeInput = fleetInput.extend({ edge: z.string().max(64).optional() });

export const edgesRouter = router({
  get: viewerProcedure.input(edgeInput).query(
    async ({ ctx, input }): Promise<Page<EdgeConfiguration>> => ({
      items: await ctx.console.edges.configurations(input.fleet, input.edge),
      nextCursor: null,
    }),
  ),
  /** The edges whose running configuration is not what the fleet asks for. */
  preview: viewerProcedure.input(edgeInput).query(
    async ({ ctx, input }): Promise<Page<EdgeConfiguration>> => ({
      items: (await ctx.console.edges.configurations(input.fleet, input.edge)).filter(
        (edge) => edge.differs !== false,
      ),
      nextCursor: null,
    }),
  ),
});

/** tRPC keeps the word `apply` for itself inside a router, so it stands at the root under its whole name. */
export const applyEdges = operatorProcedure
  .input(fleetInput.extend({ idempotencyKey: idempotencyKeyInput }))
  .mutation(({ ctx, input }) => ctx.console.commands.applyEdges(input, ctx.by));
