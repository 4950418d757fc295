import type { IncomingMessage, ServerResponse } from "node:http";
import { getTRPCErrorFromUnknown } from "@trpc/server";
import { getHTTPStatusCodeFromError } from "@trpc/server/http";
import { type ApiDeps, contextOf } from "../api.ts";
import { type Handler, readJson, sendJson } from "../http-server.ts";
import { appRouter } from "../router.ts";
import { reasonOf, sentenceOf } from "../trpc.ts";
import { PROCEDURES, type Procedure } from "./procedures.ts";
import { queryInput } from "./query-input.ts";
import { sendStream } from "./stream.ts";

export const REST_PATH = "/api/v1/";
const BODY_BYTES_MAX = 1024 * 1024;

/** What went wrong, as REST says it. */
interface RestError {
  error: { code: string; reason: string; message: string };
}

/** Serves every procedure of the router at `/api/v1/<router>/<procedure>`: same checks, same answers. */
export function restHandler(deps: ApiDeps): Handler {
  return async (request, response, url) => {
    const name = url.pathname.slice(REST_PATH.length).replace("/", ".");
    const procedure = PROCEDURES.get(name);
    if (procedure === undefined) {
      refuse(
        response,
        404,
        "NOT_FOUND",
        "no-such-procedure",
        `There is nothing at ${url.pathname}; /api/docs says what there is.`,
      );
      return;
    }
    if (request.method !== procedure.method && !asksInBody(request, procedure)) {
      response.setHeader("allow", procedure.method);
      refuse(
        response,
        405,
        "METHOD_NOT_SUPPORTED",
        "method-not-supported",
        `${url.pathname} takes ${procedure.method}.`,
      );
      return;
    }
    const fail = (thrown: unknown) => {
      const error = getTRPCErrorFromUnknown(thrown);
      if (error.code === "INTERNAL_SERVER_ERROR") deps.onFault(error.cause ?? error, name);
      refuse(
        response,
        getHTTPStatusCodeFromError(error),
        error.code,
        reasonOf(error),
        sentenceOf(error),
      );
    };
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    try {
      const input = await inputOf(request, url, procedure);
      if (!input.fits) {
        refuse(response, input.status, input.code, input.reason, input.message);
        return;
      }
      const caller = appRouter.createCaller(await contextOf(deps, request), {
        signal: gone.signal,
      }) as unknown as Record<string, (input: unknown) => Promise<unknown>>;
      const answer = await caller[name]!(input.value);
      if (procedure.streams) {
        await sendStream(response, answer as AsyncIterable<unknown>, gone.signal);
      } else if (answer === undefined) {
        response.writeHead(204).end();
      } else {
        sendJson(response, 200, answer);
      }
    } catch (thrown) {
      if (response.headersSent) response.destroy();
      else fail(thrown);
    }
  };
}

type Input =
  | { fits: true; value: unknown }
  | { fits: false; status: number; code: string; reason: string; message: string };

async function inputOf(
  request: IncomingMessage,
  url: URL,
  { streams, input }: Procedure,
): Promise<Input> {
  if (request.method === "GET") {
    const value = queryInput(url.searchParams, input);
    const resumed = request.headers["last-event-id"];
    if (streams && value !== undefined && resumed !== undefined) value.lastEventId = resumed;
    return { fits: true, value };
  }
  if (!hasBody(request)) return { fits: true, value: input === null ? undefined : {} };
  // Also keeps forms of foreign pages out: only a script of an allowed origin can send this type.
  if (!isJson(request)) {
    return {
      fits: false,
      status: 415,
      code: "UNSUPPORTED_MEDIA_TYPE",
      reason: "not-json",
      message: "Send the input as JSON, with content-type application/json.",
    };
  }
  try {
    return { fits: true, value: await readJson(request, BODY_BYTES_MAX) };
  } catch (error) {
    return {
      fits: false,
      status: 400,
      code: "BAD_REQUEST",
      reason: "bad-body",
      message: `The body cannot be read as JSON: ${error instanceof Error ? error.message : error}`,
    };
  }
}

/** A question that is too long for an address, e.g. one that carries a whole configuration. */
const asksInBody = (request: IncomingMessage, { method, streams }: Procedure): boolean =>
  method === "GET" && !streams && request.method === "POST" && hasBody(request) && isJson(request);

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0";

const isJson = ({ headers }: IncomingMessage): boolean =>
  /^application\/json\b/i.test(headers["content-type"] ?? "");

function refuse(
  response: ServerResponse,
  status: number,
  code: string,
  reason: string,
  message: string,
): void {
  sendJson(response, status, { error: { code, reason, message } } satisfies RestError);
}
