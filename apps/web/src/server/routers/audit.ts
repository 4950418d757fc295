import { z } from "zod";
import { auditFilterInput, exportFormatInput, filterOf } from "../../audit/input.ts";
import { acrossFleets, ownProcedure, router } from "../trpc.ts";
import { pageInput, shownFleets } from "./input.ts";

const EXPORT_RECORDS_MAX = 5_000;

export const auditRouter = router({
  list: acrossFleets("viewer")
    .input(auditFilterInput.extend(pageInput.shape))
    .query(({ ctx, input: { cursor, limit, ...filter } }) =>
      ctx.console.audit.list(filterOf(filter, ctx.fleets), { cursor, limit }),
    ),
  /** Who ever did something, for a choice. */
  actors: acrossFleets("viewer")
    .input(auditFilterInput.pick({ fleet: true }))
    .query(({ ctx, input }) => ctx.console.audit.actors(shownFleets(ctx.fleets, input.fleet))),
  /** Follows the chain: is every record what was written, and where it was? */
  verify: acrossFleets("viewer").query(({ ctx }) => ctx.console.audit.check()),
  /** In parts; as one file: GET /api/audit/export. */
  export: acrossFleets("viewer")
    .input(
      auditFilterInput.extend({
        format: exportFormatInput.default("jsonl"),
        cursor: pageInput.shape.cursor,
        limit: z.number().int().min(1).max(EXPORT_RECORDS_MAX).optional(),
      }),
    )
    .query(({ ctx, input: { format, cursor, limit, ...filter } }) =>
      ctx.console.audit.exportPage(filterOf(filter, ctx.fleets), { format, cursor, limit }),
    ),
});

export const viewerRouter = router({
  /** Who one is to this console, and what one may where. */
  me: ownProcedure.query(({ ctx }) => ctx.viewer),
});
