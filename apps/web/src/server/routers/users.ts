import { ROLES } from "@chela/shared/access/roles";
import type { InvitationView, LoginView, UserView } from "@chela/shared/access/view";
import type { Page } from "@chela/shared/fleet/view";
import { z } from "zod";
import { onConsole, personProcedure, router } from "../trpc.ts";

const FLEETS_MAX = 64;

/** By fleet; `*` holds where no other is given. */
const rolesInput = z
  .record(z.string().min(1).max(64), z.enum(ROLES))
  .refine((roles) => Object.keys(roles).length <= FLEETS_MAX, `at most ${FLEETS_MAX} fleets`);
const userInput = z.object({ userId: z.string().min(1).max(64) });
const loginInput = z.object({ loginId: z.string().min(1).max(64) });
const adminOfAll = onConsole("admin");

const page = <T>(items: T[]): Page<T> => ({ items, nextCursor: null });

export const usersRouter = router({
  list: adminOfAll.query(
    async ({ ctx }): Promise<Page<UserView>> => page(await ctx.console.people.list()),
  ),
  /** Replaces all roles of one user. The last administrator of all fleets stays one. */
  setRoles: adminOfAll
    .input(userInput.extend({ roles: rolesInput }))
    .mutation(({ ctx, input }) => ctx.console.people.setRoles(input.userId, input.roles, ctx.by)),
  remove: adminOfAll
    .input(userInput)
    .mutation(({ ctx, input }) => ctx.console.people.remove(input.userId, ctx.by)),
  resetTwoFactor: adminOfAll
    .input(userInput)
    .mutation(({ ctx, input }) => ctx.console.people.resetTwoFactor(input.userId, ctx.by)),
  logins: adminOfAll
    .input(userInput)
    .query(
      async ({ ctx, input }): Promise<Page<LoginView>> =>
        page(await ctx.console.people.logins(input.userId, ctx.loginId)),
    ),
  /** One of them, or all. */
  endLogins: adminOfAll
    .input(userInput.extend({ loginId: loginInput.shape.loginId.optional() }))
    .mutation(
      async ({ ctx, input }): Promise<{ ended: number }> => ({
        ended: await ctx.console.people.endLogins(
          input.userId,
          input.loginId === undefined ? "all" : { id: input.loginId },
          ctx.loginId,
          ctx.by,
        ),
      }),
    ),
});

/** One's own; password and second factor change at /api/auth, where better-auth asks for the password again. */
export const accountRouter = router({
  logins: personProcedure.query(
    async ({ ctx }): Promise<Page<LoginView>> =>
      page(await ctx.console.people.logins(ctx.personId, ctx.loginId)),
  ),
  endLogin: personProcedure.input(loginInput).mutation(
    async ({ ctx, input }): Promise<{ ended: number }> => ({
      ended: await ctx.console.people.endLogins(
        ctx.personId,
        { id: input.loginId },
        ctx.loginId,
        ctx.by,
      ),
    }),
  ),
  /** Every browser but this one. */
  endOtherLogins: personProcedure.mutation(
    async ({ ctx }): Promise<{ ended: number }> => ({
      ended: await ctx.console.people.endLogins(ctx.personId, "others", ctx.loginId, ctx.by),
    }),
  ),
});

export const invitationsRouter = router({
  list: adminOfAll.query(
    async ({ ctx }): Promise<Page<InvitationView>> => page(await ctx.console.invitations.list()),
  ),
  create: adminOfAll
    .input(z.object({ email: z.email().max(254), roles: rolesInput }))
    .mutation(({ ctx, input }) => ctx.console.invitations.create(input, ctx.by)),
  revoke: adminOfAll
    .input(z.object({ invitationId: z.string().min(1).max(64) }))
    .mutation(({ ctx, input }) => ctx.console.invitations.revoke(input.invitationId, ctx.by)),
});
