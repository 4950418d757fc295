import { z } from "zod";
import { operatorProcedure, router, viewerProcedure } from "../trpc.ts";
import { operationInput, pageInput } from "./input.ts";

const kindInput = z.enum([
  "switchover",
  "failover",
  "rollout",
  "rollback",
  "gateway-restart",
  "gateway-drain",
  "gateway-undrain",
  "gateway-create",
  "gateway-remove",
  "edge-apply",
]);

export const operationsRouter = router({
  get: viewerProcedure
    .input(operationInput)
    .query(({ ctx, input }) => ctx.console.operations.get(input.operationId)),
  list: viewerProcedure
    .input(pageInput.extend({ fleet: z.string().max(64).optional(), kind: kindInput.optional() }))
    .query(({ ctx, input }) => ctx.console.operations.list(input)),
  /** Any operation that is not over; a rollout brings every changed gateway back. */
  abort: operatorProcedure
    .input(operationInput)
    .mutation(({ ctx, input }) => ctx.console.commands.abort(input.operationId, ctx.by)),
});
