import { Refusal } from "@chela/shared/errors/refusal";
import type { Viewer, ViewerRole } from "@chela/shared/fleet/view";
import { initTRPC, TRPCError } from "@trpc/server";
import { ZodError } from "zod";
import type { Actor, Console } from "./console.ts";

interface Context {
  readonly console: Console;
  /** Null: nobody is logged in. */
  readonly viewer: Viewer | null;
  readonly from: string | null;
}

const PING_EVERY_MS = 2_000;
/** Longer than a ping and a slow network; the browser reconnects after it. */
const RECONNECT_AFTER_SILENCE_MS = 8_000;

const t = initTRPC.context<Context>().create({
  sse: {
    ping: { enabled: true, intervalMs: PING_EVERY_MS },
    client: { reconnectAfterInactivityMs: RECONNECT_AFTER_SILENCE_MS },
  },
  errorFormatter({ shape, error }) {
    const { cause } = error;
    const reason =
      cause instanceof Refusal
        ? cause.reason
        : cause instanceof ZodError
          ? "bad-input"
          : error.code === "NOT_FOUND"
            ? "no-such-procedure"
            : error.code === "INTERNAL_SERVER_ERROR"
              ? "fault"
              : error.code.toLowerCase().replaceAll("_", "-");
    return {
      ...shape,
      message: sentence(error, cause),
      // The stack names files of this machine: never sent.
      data: {
        code: shape.data.code,
        httpStatus: shape.data.httpStatus,
        path: shape.data.path,
        reason,
      },
    };
  },
});

function sentence(error: TRPCError, cause: unknown): string {
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

const RANK: Record<ViewerRole, number> = { viewer: 0, operator: 1, admin: 2 };

/** Refuses whoever is not logged in or may not; turns a `Refusal` into tRPC's error. */
function atLeast(role: ViewerRole) {
  return t.procedure.use(async ({ ctx, next }) => {
    const { viewer } = ctx;
    if (viewer === null) {
      throw asTrpcError(
        new Refusal("UNAUTHORIZED", "not-logged-in", "Log in, or send an API token as bearer."),
      );
    }
    if (RANK[viewer.role] < RANK[role]) {
      throw asTrpcError(
        new Refusal(
          "FORBIDDEN",
          "role-too-low",
          `This needs the role ${role}; yours is ${viewer.role}.`,
        ),
      );
    }
    const by: Actor = { name: viewer.email ?? viewer.name, from: ctx.from };
    const result = await next({ ctx: { ...ctx, viewer, by } });
    if (!result.ok && result.error.cause instanceof Refusal) {
      throw asTrpcError(result.error.cause);
    }
    return result;
  });
}

function asTrpcError(refusal: Refusal): TRPCError {
  return new TRPCError({ code: refusal.code, message: refusal.message, cause: refusal });
}

export const router = t.router;
/** Every procedure starts from one of these three; there is no public one. */
export const viewerProcedure = atLeast("viewer");
export const operatorProcedure = atLeast("operator");
export const adminProcedure = atLeast("admin");
