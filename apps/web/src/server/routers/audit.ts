import { z } from "zod";
import { router, viewerProcedure } from "../trpc.ts";
import { pageInput } from "./input.ts";

export const auditRouter = router({
  list: viewerProcedure
    .input(pageInput.extend({ fleet: z.string().max(64).optional() }))
    .query(({ ctx, input }) => ctx.console.audit.list(input)),
});

export const viewerRouter = router({
  me: viewerProcedure.query(({ ctx }) => ctx.viewer),
});
