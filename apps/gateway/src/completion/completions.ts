import type { IncomingMessage, ServerResponse } from "node:http";
import { headerOf } from "../channel/channel.ts";
import { sendJson } from "../http/answer.ts";
import { bearerOf } from "../http/bearer.ts";
import { readBody } from "../http/body.ts";
import { API_CHANNEL, type InboundEvent } from "../inbox/event.ts";
import { type AwaitDeps, type Awaited, awaitAnswer } from "./await-answer.ts";
import { EventStream } from "./event-stream.ts";
import { type ApiRefusal, sendApiRefusal } from "./refusal.ts";
import { type Asked, parseCompletion } from "./request.ts";
import { completionId, completionOf, type Head, modelOf } from "./shapes.ts";

const KEY_CHARACTERS_MAX = 256;
/** Calls that wait for their answer at once. */
const OPEN_MAX = 1_000;

/** How a call ended: `code` where it was refused, else whether its event was new. */
export type CallOutcome =
  | { readonly outcome: "accepted" | "duplicate" }
  | { readonly outcome: "refused"; readonly code: ApiRefusal["code"] };

export interface CompletionDeps extends AwaitDeps {
  /** Whether a bearer token is a client's; null: no clients are configured. */
  readonly isClient: ((token: string) => boolean) | null;
  readonly bodyBytesMax: number;
  /** What the assistant is called where a caller does not say. */
  readonly model: string;
  readonly randomId: () => string;
  /** The session of a caller who gives no `user` ends so long after its turn. */
  readonly namelessTtlSeconds: number;
  readonly onCall: (call: CallOutcome) => void;
}

/** Everything below `/v1/`. */
export class Completions {
  readonly #deps: CompletionDeps;
  readonly #startedAtSeconds: number;
  #open = 0;

  constructor(deps: CompletionDeps) {
    this.#deps = deps;
    this.#startedAtSeconds = Math.floor(deps.clock.wallMs() / 1_000);
  }

  async answer(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const stranger = this.#strangerAt(request);
    if (stranger !== null) return this.#refuse(response, stranger);
    const isCompletion = path === "/v1/chat/completions";
    const isModel = path === "/v1/models" || path.startsWith("/v1/models/");
    if (!isCompletion && !isModel) return this.#refuse(response, { code: "not-found" });
    const method = isCompletion ? "POST" : "GET";
    if (request.method !== method) {
      return this.#refuse(response, { code: "method-not-allowed" }, { allow: method });
    }
    return isModel ? this.#models(path, response) : this.#complete(request, response);
  }

  #strangerAt({ headers }: IncomingMessage): ApiRefusal | null {
    const { isClient } = this.#deps;
    if (isClient === null) return { code: "clients-not-configured" };
    const token = bearerOf(headers.authorization);
    return token === undefined || !isClient(token) ? { code: "unauthorized" } : null;
  }

  #models(path: string, response: ServerResponse): void {
    const model = modelOf(this.#deps.model, this.#startedAtSeconds);
    const wanted = path.slice("/v1/models/".length);
    if (wanted === "") {
      sendJson(response, 200, { object: "list", data: [model] });
    } else if (decoded(wanted) === this.#deps.model) {
      sendJson(response, 200, model);
    } else {
      const detail = "GET /v1/models names the one there is.";
      this.#refuse(response, { code: "not-found", detail, param: "model" });
    }
  }

  async #complete(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#open >= OPEN_MAX) return this.#refuse(response, { code: "too-many-connections" });
    this.#open += 1;
    response.once("close", () => {
      this.#open -= 1;
    });
    const body = await readBody(request, response, this.#deps.bodyBytesMax);
    if (!body.ok) {
      if (body.why === "broken-off") return;
      const code = body.why === "too-busy" ? "too-busy" : "body-too-large";
      return this.#refuse(response, { code }, { connection: "close" });
    }
    const key = headerOf(request.headers, "idempotency-key");
    if (key.length > KEY_CHARACTERS_MAX) {
      const detail = `Idempotency-Key must be 1 to ${KEY_CHARACTERS_MAX} characters.`;
      return this.#refuse(response, { code: "body-invalid", detail });
    }
    const parsed = parseCompletion(body.bytes);
    if (!parsed.ok) return this.#refuse(response, parsed.refusal);
    const event = this.#eventOf(parsed.asked, key, headerOf(request.headers, "x-request-id"));
    return this.#answerEvent(event, parsed.asked, key !== "", response);
  }

  /** `requestId`: the edge's, the same in each of its tries. */
  #eventOf(asked: Asked, key: string, requestId: string): InboundEvent {
    const known = requestId.length <= KEY_CHARACTERS_MAX ? requestId : "";
    const eventId = key || known || this.#deps.randomId();
    const { user, text, messages, options } = asked;
    return {
      channel: API_CHANNEL,
      sessionKey: `${API_CHANNEL}:${user ?? eventId}`,
      eventId,
      text,
      reply: "",
      request: {
        messages,
        options,
        sessionTtlSeconds: user === null ? this.#deps.namelessTtlSeconds : null,
      },
    };
  }

  async #answerEvent(
    event: InboundEvent,
    asked: Asked,
    hasKey: boolean,
    response: ServerResponse,
  ): Promise<void> {
    const { clock } = this.#deps;
    const head: Head = {
      id: completionId(event.eventId),
      created: Math.floor(clock.wallMs() / 1_000),
      model: asked.model ?? this.#deps.model,
    };
    const headers = { "x-request-id": event.eventId };
    const stream = asked.stream
      ? new EventStream(response, head, { clock, headers, includeUsage: asked.includeUsage })
      : null;
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    const awaited = await awaitAnswer(
      this.#deps,
      event,
      {
        onStored: (outcome) => {
          this.#deps.onCall({ outcome });
          void stream?.keepAlive();
        },
        onPiece: (text) => stream?.piece(text),
        onReset: () => stream?.reset(),
      },
      gone.signal,
    );
    if (awaited.kind === "gone") return;
    const refusal = refusalOf(awaited, hasKey);
    if (refusal !== null) {
      this.#deps.onCall({ outcome: "refused", code: refusal.code });
      if (stream === null) sendApiRefusal(response, refusal, headers);
      else stream.fail(refusal);
    } else if (awaited.kind === "answered") {
      if (stream === null) sendWhole(response, completionOf(head, awaited.message), headers);
      else stream.finish(awaited.message);
    }
  }

  #refuse(response: ServerResponse, refusal: ApiRefusal, headers?: Record<string, string>): void {
    this.#deps.onCall({ outcome: "refused", code: refusal.code });
    sendApiRefusal(response, refusal, headers);
  }
}

/** Null: answered. A client may try again by itself only where that joins the same turn. */
function refusalOf(
  awaited: Exclude<Awaited, { kind: "gone" }>,
  hasKey: boolean,
): ApiRefusal | null {
  if (awaited.kind === "refused") {
    return { code: awaited.code, final: awaited.code === "turn-late" && !hasKey };
  }
  const { role, text } = awaited.message;
  return role === "error" ? { code: "turn-failed", detail: text, final: true } : null;
}

function sendWhole(response: ServerResponse, body: object, headers: Record<string, string>): void {
  sendJson(response, 200, body, { "cache-control": "no-store", ...headers });
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
