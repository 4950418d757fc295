import {
  EVERY_FLEET,
  fleetsSeen,
  highestRole,
  mayIn,
  reaches,
  roleIn,
  type ViewerRole,
} from "@chela/shared/access/roles";
import { Refusal } from "@chela/shared/errors/refusal";
import type { Viewer } from "@chela/shared/fleet/view";
import { initTRPC, TRPCError } from "@trpc/server";
import { ZodError } from "zod";
import { type AuditNotes, attemptEntry } from "../audit/attempt.ts";
import type { Actor, Console } from "./console.ts";
import { fleetInput, operationInput } from "./routers/input.ts";

export interface Context {
  readonly console: Console;
  /** Null: nobody is logged in. */
  readonly viewer: Viewer | null;
  /** The same, a few seconds old at most: for answers that go on. */
  readonly viewerNow: () => Promise<Viewer | null>;
  /** Which browser's login it is; null for tokens. */
  readonly loginId: string | null;
  readonly from: string | null;
  readonly requestId: string | null;
}

/** What a procedure asks of whoever calls it. Shown in the API's description, walked by a test. */
export interface Demand {
  /**
   * Where the role has to hold: `fleet` that the input names; fleet of the `operation` that it names; `console` =
   * every fleet; `any` fleet, and the answer holds only what one may see; `self` = one's own things, no role needed;
   * `person` = the same, from a browser only.
   */
  where: "fleet" | "operation" | "console" | "any" | "self" | "person";
  role: ViewerRole | null;
}

const PING_EVERY_MS = 2_000;
/** Longer than a ping and a slow network; the browser reconnects after it. */
const RECONNECT_AFTER_SILENCE_MS = 8_000;

const t = initTRPC
  .context<Context>()
  .meta<Demand>()
  .create({
    sse: {
      ping: { enabled: true, intervalMs: PING_EVERY_MS },
      client: { reconnectAfterInactivityMs: RECONNECT_AFTER_SILENCE_MS },
    },
    errorFormatter({ shape, error }) {
      return {
        ...shape,
        message: sentenceOf(error),
        // The stack names files of this machine: never sent.
        data: {
          code: shape.data.code,
          httpStatus: shape.data.httpStatus,
          path: shape.data.path,
          reason: reasonOf(error),
        },
      };
    },
  });

/** Chela's own stable code of what went wrong. */
export function reasonOf(error: TRPCError): string {
  if (error.cause instanceof Refusal) return error.cause.reason;
  if (error.cause instanceof ZodError) return "bad-input";
  if (error.code === "NOT_FOUND") return "no-such-procedure";
  if (error.code === "INTERNAL_SERVER_ERROR") return "fault";
  return error.code.toLowerCase().replaceAll("_", "-");
}

/** For the operator. */
export function sentenceOf(error: TRPCError): string {
  const { cause } = error;
  if (cause instanceof Refusal) return cause.message;
  if (cause instanceof ZodError) {
    return cause.issues
      .map((issue) => `${issue.path.join(".") || "input"}: ${issue.message}`)
      .join("; ");
  }
  if (error.code === "INTERNAL_SERVER_ERROR") {
    return "The console failed while answering; its log says why. Try again.";
  }
  return error.message;
}

/**
 * Refuses whoever is not logged in; turns a `Refusal` into tRPC's error; leaves a record of every request that was to
 * change something, whatever became of it. Nothing is read of the input before it.
 */
const loggedIn = t.procedure.use(async ({ ctx, next, type, path, getRawInput }) => {
  const { viewer } = ctx;
  if (viewer === null) {
    throw asTrpcError(
      new Refusal("UNAUTHORIZED", "not-logged-in", "Log in, or send an API token as bearer."),
    );
  }
  const notes: AuditNotes = {};
  const by: Actor = {
    name: viewer.email ?? viewer.name,
    from: ctx.from,
    note: (more) => void Object.assign(notes, more),
  };
  const result = await next({ ctx: { ...ctx, viewer, by } });
  const error = result.ok ? null : asTold(result.error);
  if (type === "mutation") {
    await ctx.console.audit.append(
      attemptEntry({
        path,
        input: await getRawInput().catch(() => null),
        actor: by.name,
        from: ctx.from,
        requestId: ctx.requestId,
        notes,
        ending: error === null ? { outcome: "done" } : endingOf(error),
      }),
    );
  }
  if (error !== null) throw error;
  return result;
});

function endingOf(error: TRPCError) {
  const outcome =
    error.code === "INTERNAL_SERVER_ERROR" ? ("failed" as const) : ("refused" as const);
  return { outcome, code: reasonOf(error), detail: sentenceOf(error) };
}

function mustReach(own: ViewerRole | null, needed: ViewerRole, where: string): void {
  if (reaches(own, needed)) return;
  throw asTrpcError(
    own === null
      ? new Refusal("FORBIDDEN", "no-role", `You have no role ${where}: ask an administrator.`)
      : new Refusal(
          "FORBIDDEN",
          "role-too-low",
          `This needs the role ${needed} ${where}; yours is ${own}.`,
        ),
  );
}

/** The role in the fleet that the input names. */
const inFleet = (role: ViewerRole) =>
  loggedIn
    .meta({ where: "fleet", role })
    .input(fleetInput)
    .use(async ({ ctx, input, next, type }) => {
      mustReach(roleIn(ctx.viewer.roles, input.fleet), role, `in ${input.fleet}`);
      const result = await next();
      if (type !== "subscription" || !result.ok) return result;
      const still = async () => mayIn((await ctx.viewerNow())?.roles ?? {}, input.fleet, role);
      return { ...result, data: whileAllowed(result.data as AsyncIterable<unknown>, still) };
    });

/** Ends where who listens was signed out, revoked or lost the role meanwhile; coming back, they are told so. */
async function* whileAllowed(events: AsyncIterable<unknown>, still: () => Promise<boolean>) {
  for await (const event of events) {
    if (!(await still())) return;
    yield event;
  }
}

const asTold = (error: TRPCError): TRPCError =>
  error.cause instanceof Refusal ? asTrpcError(error.cause) : error;

function asTrpcError(refusal: Refusal): TRPCError {
  return new TRPCError({ code: refusal.code, message: refusal.message, cause: refusal });
}

export const router = t.router;

/**
 * Every procedure starts from one of these; there is no public one. The first three take `fleet` as input and ask for
 * the role in that fleet; inputs of their own come on top.
 */
export const viewerProcedure = inFleet("viewer");
export const operatorProcedure = inFleet("operator");
export const adminProcedure = inFleet("admin");

/** Takes `operationId` as input and asks for the role in that operation's fleet. */
export const onOperation = (role: ViewerRole) =>
  loggedIn
    .meta({ where: "operation", role })
    .input(operationInput)
    .use(async ({ ctx, input, next }) => {
      const { fleet } = await ctx.console.operations.get(input.operationId);
      ctx.by.note?.({ fleet });
      mustReach(roleIn(ctx.viewer.roles, fleet), role, `in ${fleet}`);
      return next();
    });

/** The role for every fleet: for what belongs to none of them. */
export const onConsole = (role: ViewerRole) =>
  loggedIn.meta({ where: "console", role }).use(({ ctx, next }) => {
    mustReach(roleIn(ctx.viewer.roles, EVERY_FLEET), role, "for every fleet");
    return next();
  });

/** The role in any fleet, for lists across fleets: `ctx.fleets` are those whose entries may be shown. */
export const acrossFleets = (role: ViewerRole) =>
  loggedIn.meta({ where: "any", role }).use(({ ctx, next }) => {
    mustReach(highestRole(ctx.viewer.roles), role, "in any fleet");
    return next({ ctx: { ...ctx, fleets: fleetsSeen(ctx.viewer.roles) } });
  });

/** For one's own things, whatever one's role. */
export const ownProcedure = loggedIn.meta({ where: "self", role: null });

/** For what belongs to a person and is no program's business. */
export const personProcedure = loggedIn
  .meta({ where: "person", role: null })
  .use(({ ctx, next }) => {
    const { id, via } = ctx.viewer;
    if (id === null || via !== "session") {
      throw asTrpcError(
        new Refusal(
          "FORBIDDEN",
          "needs-a-person",
          "Sign in with a browser: a token has no account.",
        ),
      );
    }
    return next({ ctx: { ...ctx, personId: id } });
  });
