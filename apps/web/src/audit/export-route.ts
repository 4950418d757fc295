import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fleetsSeen, highestRole } from "@chela/shared/access/roles";
import { z } from "zod";
import type { Caller } from "../auth/viewer.ts";
import type { Console } from "../server/console.ts";
import { type Handler, sendJson } from "../server/http-server.ts";
import { auditFilterInput, exportFormatInput, filterOf } from "./input.ts";

export const AUDIT_EXPORT_PATH = "/api/audit/export";

const TYPES = {
  jsonl: "application/x-ndjson; charset=utf-8",
  csv: "text/csv; charset=utf-8",
};

/** `GET /api/audit/export?format=jsonl|csv`, with the list's filters: a file, sent as it is read. */
export function auditExportRoute(deps: {
  console: Pick<Console, "audit">;
  callerOf: (request: Parameters<Handler>[0]) => Promise<Caller | null>;
}): Handler {
  return async (request, response, url) => {
    if (request.method !== "GET") {
      return refuse(response, 405, "METHOD_NOT_SUPPORTED", "method-not-supported", "Send a GET.");
    }
    const caller = await deps.callerOf(request);
    if (caller === null) {
      return refuse(
        response,
        401,
        "UNAUTHORIZED",
        "not-logged-in",
        "Log in, or send an API token as bearer.",
      );
    }
    const { roles } = caller.viewer;
    if (highestRole(roles) === null) {
      return refuse(
        response,
        403,
        "FORBIDDEN",
        "no-role",
        "You have no role in any fleet: ask an administrator.",
      );
    }
    const parsed = auditFilterInput
      .extend({ format: exportFormatInput })
      .safeParse(Object.fromEntries(url.searchParams));
    if (!parsed.success) {
      return refuse(response, 400, "BAD_REQUEST", "bad-input", z.prettifyError(parsed.error));
    }
    const { format, ...filter } = parsed.data;
    const text = deps.console.audit.export(filterOf(filter, fleetsSeen(roles)), format);
    response.writeHead(200, {
      "content-type": TYPES[format],
      "content-disposition": `attachment; filename="chela-audit.${format}"`,
    });
    // Ends without a sound where the reader goes away: nobody is there to be told.
    await pipeline(Readable.from(text), response).catch((error) => {
      if (!response.destroyed) throw error;
    });
  };
}

const refuse = (
  response: ServerResponse,
  status: number,
  code: string,
  reason: string,
  message: string,
) => sendJson(response, status, { error: { code, reason, message } });
