import type { Clock } from "@chela/shared/clock/clock";
import { answeredNo, Problem, unreachable } from "../problem.ts";
import { serverSentEvents } from "./server-sent-events.ts";

/** Longer addresses are cut off or refused on their way: the question goes in a body then. */
const PATH_CHARS_MAX = 2_000;
const ANSWER_MS = 30_000;
/** The console pings every 2 s. */
const SILENCE_MS = 10_000;
const SEND_AGAIN_MS = [200, 1_000] as const;

type Input = Readonly<Record<string, unknown>>;

/** One message of a subscription; `id` to come back with. */
export interface Heard<T> {
  id: string | null;
  data: T;
}

/** The control API over REST. A no is thrown as `Problem` with the API's own sentence. */
export class Api {
  readonly #url: string;
  readonly #token: string;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;

  /** @param signal ends whatever is under way, and throws its reason. */
  constructor(where: { url: string; token: string }, clock: Clock, signal: AbortSignal) {
    this.#url = where.url;
    this.#token = where.token;
    this.#clock = clock;
    this.#signal = signal;
  }

  get url(): string {
    return this.#url;
  }

  query<T>(name: string, input: Input = {}): Promise<T> {
    const path = this.#path(name, input);
    if (path.length <= PATH_CHARS_MAX) return this.#answer<T>(path, {});
    return this.#answer<T>(this.#path(name), inBody(input));
  }

  /**
   * Sends a command. One with an `idempotencyKey` is sent again where no answer came: it has its effect once,
   * whichever of them arrived.
   */
  async command<T = void>(name: string, input: Input = {}): Promise<T> {
    const request = inBody(input);
    const repeats = input["idempotencyKey"] === undefined ? [] : SEND_AGAIN_MS;
    for (const pauseMs of repeats) {
      try {
        return await this.#answer<T>(this.#path(name), request);
      } catch (error) {
        if (!(error instanceof Problem) || error.reason !== "unreachable") throw error;
        await this.#clock.sleep(pauseMs, this.#signal);
      }
    }
    return this.#answer<T>(this.#path(name), request);
  }

  /**
   * A subscription's messages, until it ends. Silence counts as an end that can be come back from.
   * @throws Problem, also `unreachable` in its middle.
   */
  async *listen<T>(
    name: string,
    input: Input,
    lastEventId: string | null = null,
  ): AsyncGenerator<Heard<T>> {
    const silent = new AbortController();
    const alarm = setTimeout(() => silent.abort(new Error("no word from it for 10 s")), SILENCE_MS);
    try {
      const response = await this.#send(this.#path(name, input), {
        headers: { ...(lastEventId !== null && { "last-event-id": lastEventId }) },
        signal: silent.signal,
      });
      if (!response.ok) throw await noOf(response);
      const pieces = heardIn(response.body!, () => alarm.refresh());
      for await (const { id, data } of serverSentEvents(pieces)) {
        yield { id, data: JSON.parse(data) as T };
      }
    } catch (error) {
      if (this.#signal.aborted || error instanceof Problem) throw error;
      throw unreachable(this.#url, silent.signal.aborted ? silent.signal.reason : error);
    } finally {
      clearTimeout(alarm);
      silent.abort();
    }
  }

  /** What stands at a path beside the procedures, as it is sent. */
  async download(path: string, parameters: Input): Promise<ReadableStream<Uint8Array>> {
    const response = await this.#send(`${path}${asQuery(parameters)}`, {});
    if (!response.ok) throw await noOf(response);
    return response.body!;
  }

  async #answer<T>(path: string, request: RequestInit): Promise<T> {
    const response = await this.#send(path, {
      ...request,
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    if (!response.ok) throw await noOf(response);
    if (response.status === 204) return undefined as T;
    return (await response.json().catch((error) => {
      throw unreachable(this.#url, error);
    })) as T;
  }

  async #send(path: string, request: RequestInit): Promise<Response> {
    const { signal = null } = request;
    try {
      return await fetch(`${this.#url}${path}`, {
        ...request,
        signal: signal === null ? this.#signal : AbortSignal.any([this.#signal, signal]),
        // A redirect would carry the token to wherever it points.
        redirect: "error",
        headers: { ...request.headers, authorization: `Bearer ${this.#token}` },
      });
    } catch (error) {
      if (this.#signal.aborted) throw error;
      throw unreachable(this.#url, error);
    }
  }

  #path(name: string, input: Input = {}): string {
    return `/api/v1/${name.replace(".", "/")}${asQuery(input)}`;
  }
}

/** Text as it is, all else as JSON: how the REST door reads it. */
function asQuery(input: Input): string {
  const parameters = Object.entries(given(input)).map(([name, value]) => [
    name,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  return parameters.length === 0 ? "" : `?${new URLSearchParams(parameters as [string, string][])}`;
}

const inBody = (input: Input): RequestInit => ({
  method: "POST",
  body: JSON.stringify(given(input)),
  headers: { "content-type": "application/json" },
});

const given = (input: Input): Record<string, unknown> =>
  Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));

async function* heardIn(body: ReadableStream<Uint8Array>, heard: () => void) {
  const decoder = new TextDecoder();
  for await (const bytes of body) {
    heard();
    yield decoder.decode(bytes, { stream: true });
  }
}

async function noOf(response: Response): Promise<Problem> {
  const body = (await response.json().catch(() => null)) as {
    error?: { code?: string; reason?: string; message?: string };
  } | null;
  const { code, reason, message } = body?.error ?? {};
  const { origin } = new URL(response.url);
  // Something that stands before the console says so while that one is away.
  if (message === undefined && response.status >= 502 && response.status <= 504) {
    return unreachable(origin, new Error(`${response.status} from what stands before it`));
  }
  if (message === undefined) {
    return answeredNo(
      "INTERNAL_SERVER_ERROR",
      "not-the-control-api",
      `${origin} answers ${response.status}, but not as a control API does: is --url right?`,
    );
  }
  return answeredNo(code ?? "INTERNAL_SERVER_ERROR", reason ?? code ?? "fault", message);
}
