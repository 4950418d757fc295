import type { ServerResponse } from "node:http";
import type { Clock } from "@chela/shared/clock/clock";
import type { LiveMessage } from "../live/word.ts";
import { Passage } from "./passage.ts";
import { type ApiRefusal, apiErrorBody, sendApiRefusal } from "./refusal.ts";
import { chunkOf, endingOf, type Head, usageChunkOf } from "./shapes.ts";

/** Until then a refusal can still be a status; later the caller's own time-out for headers would come first. */
const OPEN_AFTER_MS = 5_000;
/** Proxies and clients give up on a silent stream. */
const KEEP_ALIVE_MS = 15_000;

const HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store",
  // Else nginx keeps the pieces until its buffer is full.
  "x-accel-buffering": "no",
};

export interface StreamOptions {
  readonly clock: Clock;
  readonly headers: Readonly<Record<string, string>>;
  readonly includeUsage: boolean;
}

/** One answer as server-sent events, in OpenAI's format. A caller who reads slowly gets fewer, larger pieces. */
export class EventStream {
  readonly #response: ServerResponse;
  readonly #head: Head;
  readonly #options: StreamOptions;
  readonly #passage = new Passage();
  readonly #ended = new AbortController();

  constructor(response: ServerResponse, head: Head, options: StreamOptions) {
    this.#response = response;
    this.#head = head;
    this.#options = options;
    response.on("drain", () => this.#flush());
    response.once("close", () => this.#ended.abort());
  }

  /** The event is stored: from now on the caller is told that it is being worked on. */
  async keepAlive(): Promise<void> {
    const { signal } = this.#ended;
    const { clock } = this.#options;
    await clock.sleep(OPEN_AFTER_MS, signal);
    while (!signal.aborted) {
      this.#open();
      if (!this.#response.writableNeedDrain) this.#response.write(": keep-alive\n\n");
      await clock.sleep(KEEP_ALIVE_MS, signal);
    }
  }

  piece(text: string): void {
    this.#passage.hear(text);
    this.#flush();
  }

  reset(): void {
    this.#passage.reset();
  }

  /** The committed answer: what is left of it, and the end. */
  finish(message: LiveMessage): void {
    const rest = this.#passage.rest(message.text);
    if (rest === null) {
      this.fail({ code: "turn-restarted" });
      return;
    }
    const { finish, usage } = endingOf(message);
    this.#ended.abort();
    this.#open();
    if (rest !== "") this.#send(chunkOf(this.#head, { content: rest }, null));
    this.#send(chunkOf(this.#head, {}, finish));
    if (this.#options.includeUsage && usage !== null) this.#send(usageChunkOf(this.#head, usage));
    this.#response.end("data: [DONE]\n\n");
  }

  /** A status where nothing was sent yet, else an error event and an end without `[DONE]`. */
  fail(refusal: ApiRefusal): void {
    this.#ended.abort();
    if (!this.#response.headersSent) {
      sendApiRefusal(this.#response, refusal, this.#options.headers);
      return;
    }
    this.#send(apiErrorBody(refusal));
    this.#response.end();
  }

  #flush(): void {
    if (this.#ended.signal.aborted || this.#response.writableNeedDrain) return;
    const text = this.#passage.take();
    if (text === "") return;
    this.#open();
    this.#send(chunkOf(this.#head, { content: text }, null));
  }

  #open(): void {
    if (this.#response.headersSent) return;
    this.#response.writeHead(200, { ...HEADERS, ...this.#options.headers });
    this.#send(chunkOf(this.#head, { role: "assistant", content: "", refusal: null }, null));
  }

  #send(data: object): void {
    this.#response.write(`data: ${JSON.stringify(data)}\n\n`);
  }
}
