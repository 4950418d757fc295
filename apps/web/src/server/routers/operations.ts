import { z } from "zod";
import { acrossFleets, onOperation, router } from "../trpc.ts";
import { pageInput, shownFleets } from "./input.ts";

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
  "host-drain",
  "fleet-apply",
]);

export const operationsRouter = router({
  get: onOperation("viewer").query(({ ctx, input }) =>
    ctx.console.operations.get(input.operationId),
  ),
  list: acrossFleets("viewer")
    .input(pageInput.extend({ fleet: z.string().max(64).optional(), kind: kindInput.optional() }))
    .query(({ ctx, input }) =>
      ctx.console.operations.list({ ...input, fleets: shownFleets(ctx.fleets, input.fleet) }),
    ),
  /** Any operation that is not over; a rollout brings every changed gateway back. */
  abort: onOperation("operator").mutation(({ ctx, input }) =>
    ctx.console.commands.abort(input.operationId, ctx.by),
  ),
});
