import { EVERY_FLEET, ROLES } from "@chela/shared/access/roles";
import type { TokenView } from "@chela/shared/access/view";
import type { Page } from "@chela/shared/fleet/view";
import { z } from "zod";
import { ownProcedure, router } from "../trpc.ts";

const NAME_CHARS_MAX = 64;
const DAYS_MAX = 366;

export const tokensRouter = router({
  /** One's own; administrators of all fleets see everybody's. */
  list: ownProcedure.query(
    async ({ ctx }): Promise<Page<TokenView>> => ({
      items: await ctx.console.tokens.list(ctx.viewer),
      nextCursor: null,
    }),
  ),
  /** The answer holds the token, once. Nobody hands on more than they have. */
  create: ownProcedure
    .input(
      z.object({
        name: z.string().trim().min(1).max(NAME_CHARS_MAX),
        role: z.enum(ROLES),
        /** `*` = every fleet that its owner may. */
        fleet: z.string().min(1).max(64).default(EVERY_FLEET),
        /** Null: until it is revoked. */
        days: z.number().int().min(1).max(DAYS_MAX).nullable(),
      }),
    )
    .mutation(({ ctx, input }) => ctx.console.tokens.create(input, ctx.viewer, ctx.by)),
  revoke: ownProcedure
    .input(z.object({ tokenId: z.string().min(1).max(64) }))
    .mutation(({ ctx, input }) => ctx.console.tokens.revoke(input.tokenId, ctx.viewer, ctx.by)),
});
