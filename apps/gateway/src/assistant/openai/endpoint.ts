import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { Clock } from "@chela/shared/clock/clock";

/** How long each part of a call may take, milliseconds, and how much may come back. */
export interface EndpointLimits {
  readonly connectMs: number;
  /** From the sent request to the answer's first byte. */
  readonly firstByteMs: number;
  /** Between two pieces of the answer. */
  readonly idleMs: number;
  readonly totalMs: number;
  readonly bytesMax: number;
}

/**
 * Why a call gave no (whole) answer. `unreached`: the request was certainly not taken; `cut`: the connection ended;
 * `silent`, `overtime`: a time-out; `too-large`.
 */
export type Fault = "unreached" | "cut" | "silent" | "overtime" | "too-large" | "aborted";

export class EndpointFault extends Error {
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(fault);
    this.fault = fault;
  }
}

export interface EndpointReply {
  readonly status: number;
  readonly contentType: string;
  readonly retryAfter: string;
  /** The body as text, to be read once; throws EndpointFault. */
  readonly pieces: AsyncIterable<string>;
  /** Ends the call, whether or not anything was read. */
  close(): void;
}

export interface Question {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * One HTTP call with every time bounded. Each has a connection of its own: on a kept one, a request that meets
 * the server's closing cannot be told from one that was taken and then cut, and only the first may be repeated
 * freely. Throws EndpointFault.
 */
export async function call(
  question: Question,
  limits: EndpointLimits,
  signal: AbortSignal,
  clock: Clock,
): Promise<EndpointReply> {
  const { method, url, headers, body } = question;
  const request = (url.startsWith("https:") ? requestHttps : requestHttp)(url, {
    method,
    headers:
      body === "" ? headers : { ...headers, "content-length": String(Buffer.byteLength(body)) },
    agent: false,
  });
  // What Node's streams throw at their end hides why they were ended.
  let ended: EndpointFault | null = null;
  const end = (fault: Fault) => {
    ended ??= new EndpointFault(fault);
    request.destroy(ended);
  };
  const phase = new Timer(clock);
  const total = new Timer(clock);
  const abort = () => end("aborted");
  signal.addEventListener("abort", abort, { once: true });
  const close = () => {
    phase.stop();
    total.stop();
    signal.removeEventListener("abort", abort);
    request.destroy();
  };
  total.set(limits.totalMs, () => end("overtime"));
  phase.set(limits.connectMs, () => end("unreached"));
  let connected = false;
  request.once("socket", (socket) => {
    socket.once(url.startsWith("https:") ? "secureConnect" : "connect", () => {
      connected = true;
      phase.set(limits.firstByteMs, () => end("silent"));
    });
  });
  if (signal.aborted) abort();
  else request.end(body);

  let response: IncomingMessage;
  try {
    response = await new Promise((resolve, reject) => {
      request.once("response", resolve);
      // Also after the response has begun: the error then comes out of its body as well.
      request.on("error", reject);
    });
  } catch {
    close();
    throw ended ?? new EndpointFault(connected ? "cut" : "unreached");
  }
  phase.stop();

  async function* read(): AsyncGenerator<string, void> {
    let bytes = 0;
    const decoder = new TextDecoder();
    try {
      phase.set(limits.idleMs, () => end("silent"));
      for await (const chunk of response as AsyncIterable<Buffer>) {
        phase.set(limits.idleMs, () => end("silent"));
        bytes += chunk.length;
        if (bytes > limits.bytesMax) end("too-large");
        else yield decoder.decode(chunk, { stream: true });
      }
    } catch {
      end("cut");
    } finally {
      close();
    }
    if (ended !== null) throw ended;
    if (!response.complete) throw new EndpointFault("cut");
  }
  return {
    status: response.statusCode!,
    contentType: String(response.headers["content-type"] ?? ""),
    retryAfter: String(response.headers["retry-after"] ?? ""),
    pieces: read(),
    close,
  };
}

/** One alarm at a time. */
class Timer {
  readonly #clock: Clock;
  #current: AbortController | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  set(ms: number, onOver: () => void): void {
    this.stop();
    const current = new AbortController();
    this.#current = current;
    void this.#clock.sleep(ms, current.signal).then(() => {
      if (!current.signal.aborted) onOver();
    });
  }

  stop(): void {
    this.#current?.abort();
    this.#current = null;
  }
}
