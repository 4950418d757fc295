import { Refusal } from "@chela/shared/errors/refusal";
import { z } from "zod";
import { type Handler, type Routes, readJson, sendJson } from "../server/http-server.ts";
import { PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN } from "./auth.ts";
import type { Invitations } from "./invitations.ts";

const tokenInput = z.object({ token: z.string().min(1).max(128) });
const acceptInput = tokenInput.extend({
  name: z.string().trim().min(1).max(64),
  password: z
    .string()
    .min(PASSWORD_CHARS_MIN, `at least ${PASSWORD_CHARS_MIN} characters`)
    .max(PASSWORD_CHARS_MAX),
});

/** The two requests that nobody is logged in for: whoever holds an invitation's link looks at it and uses it. */
export function invitationRoutes(invitations: Invitations): Routes["paths"] {
  return [
    ["/api/invitation/look", posted(tokenInput, ({ token }) => invitations.look(token))],
    [
      "/api/invitation/accept",
      posted(acceptInput, ({ token, name, password }, from) =>
        invitations.accept(token, { name, password }, from),
      ),
    ],
  ];
}

function posted<Input>(
  schema: z.ZodType<Input>,
  answer: (input: Input, from: string | null) => Promise<unknown>,
): Handler {
  return async (request, response) => {
    const refuse = (status: number, code: string, reason: string, message: string) =>
      sendJson(response, status, { error: { code, reason, message } });
    if (request.method !== "POST") {
      return refuse(405, "METHOD_NOT_SUPPORTED", "method-not-supported", "Send a POST.");
    }
    const parsed = schema.safeParse(await readJson(request).catch(() => null));
    if (!parsed.success) {
      return refuse(400, "BAD_REQUEST", "bad-input", z.prettifyError(parsed.error));
    }
    try {
      sendJson(response, 200, await answer(parsed.data, request.socket.remoteAddress ?? null));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refuse(404, error.code, error.reason, error.message);
    }
  };
}
