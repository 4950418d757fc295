import { type ClientRequest, type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { pipeline } from "node:stream/promises";
import { AgentFault } from "../fault.ts";

/** No byte for this long ends a transfer; a whole image may take as long as it needs. */
const IDLE_TIMEOUT_MS = 60_000;

/** Streams images to and from the console, `<origin>/agent/transfers/<transfer>`, at the pace of the slower side. */
export class ConsoleTransfer {
  readonly #origin: string;
  readonly #host: string;
  readonly #secret: string;

  constructor(origin: string, host: string, secret: string) {
    this.#origin = origin;
    this.#host = host;
    this.#secret = secret;
  }

  /** Answers how many bytes went out. */
  async put(transfer: string, body: NodeJS.ReadableStream): Promise<number> {
    const call = this.#begin("PUT", transfer);
    const answered = answerOf(call);
    let bytes = 0;
    const counted = async function* (source: AsyncIterable<Buffer | string>) {
      for await (const chunk of source) {
        bytes += chunk.length;
        yield chunk;
      }
    };
    const [sent, answer] = await Promise.allSettled([pipeline(body, counted, call), answered]);
    // A refusal cuts the upload off: what the console said is the reason, the broken pipe only its consequence.
    if (answer.status === "rejected") throw failed(answer.reason);
    await drainAndCheck(answer.value);
    if (sent.status === "rejected") throw failed(sent.reason);
    return bytes;
  }

  async get(transfer: string): Promise<NodeJS.ReadableStream> {
    const call = this.#begin("GET", transfer);
    call.end();
    const answer = await answerOf(call).catch((error: unknown) => {
      throw failed(error);
    });
    if (answer.statusCode !== 200) await drainAndCheck(answer);
    return answer;
  }

  #begin(method: string, transfer: string): ClientRequest {
    const url = new URL(`/agent/transfers/${transfer}`, this.#origin);
    const open = url.protocol === "https:" ? requestHttps : requestHttp;
    const call = open(url, {
      method,
      timeout: IDLE_TIMEOUT_MS,
      headers: {
        authorization: `Bearer ${this.#secret}`,
        "chela-host": this.#host,
        ...(method === "PUT" ? { "content-type": "application/x-tar" } : {}),
      },
    });
    call.once("timeout", () => call.destroy(new Error("nothing moved for a minute")));
    return call;
  }
}

function answerOf(call: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    call.once("response", resolve);
    call.once("error", reject);
  });
}

async function drainAndCheck(answer: IncomingMessage): Promise<void> {
  let said = "";
  for await (const chunk of answer) said = (said + String(chunk)).slice(0, 500);
  const status = answer.statusCode ?? 0;
  if (status < 200 || status > 299) throw failed(new Error(`HTTP ${status} ${said}`.trim()));
}

function failed(error: unknown): AgentFault {
  if (error instanceof AgentFault) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new AgentFault("TRANSFER_FAILED", `The image transfer was cut off: ${message}.`);
}
