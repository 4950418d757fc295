import type { ClientFrame, ServerFrame } from "@chela/chat-client/protocol";
import type { Clock } from "@chela/shared/clock/clock";
import type { Refusal } from "@chela/shared/errors/errors";
import type { WebSocket } from "ws";
import type { Stored } from "../inbox/event.ts";
import type { Audience, Listener } from "./audience.ts";
import { encode, errorFrame, readFrame } from "./frame.ts";

/** Messages of one socket that are not answered yet, stored or waiting to be. */
const UNANSWERED_MAX = 64;
/** What may wait in memory for a socket that does not read. */
const BUFFERED_BYTES_MAX = 1_048_576;
/** An answer that takes longer may be there, and only the word of it lost. */
const ANSWER_MS = 10_000;
/** How long after a repeated message its answer is looked for: it may have been given before. */
const REPEATED_MS = 60_000;

export const CLOSE_RESTART = 1012;
export const CLOSE_TRY_AGAIN = 1013;
const TEXT = { binary: false };

/** The same for all connections. */
export interface ConnectionDeps {
  readonly clock: Clock;
  readonly store: (sessionKey: string, frame: ClientFrame) => Promise<Stored>;
}

interface Waiting {
  readonly frame: ClientFrame;
  /** It is the first of its id on this socket, and so stands among the unanswered. */
  readonly first: boolean;
}

/** One open socket. Ten thousand of them are idle: what only a busy one needs is made when it is. */
export class Connection implements Listener {
  heard = 0;
  readonly #deps: ConnectionDeps;
  readonly #ws: WebSocket;
  readonly #audience: Audience;
  #alive = true;
  /** Read and not stored yet, in order. */
  #waiting: Waiting[] | null = null;
  /** Ids of messages without an answer, and since when. */
  #unanswered: Map<string, number> | null = null;
  #watchUntilMs = 0;

  constructor(deps: ConnectionDeps, ws: WebSocket, audience: Audience) {
    this.#deps = deps;
    this.#ws = ws;
    this.#audience = audience;
    ws.on("pong", () => {
      this.#alive = true;
    });
    ws.on("message", (bytes: Buffer, isBinary: boolean) => this.#take(bytes, isBinary));
    ws.on("error", toldByCloseCode);
  }

  get closed(): boolean {
    return this.#ws.readyState !== this.#ws.OPEN;
  }

  tell(bytes: Buffer): void {
    const ws = this.#ws;
    if (this.closed) return;
    if (ws.bufferedAmount > BUFFERED_BYTES_MAX) this.lose("it reads too slowly");
    else ws.send(bytes, TEXT);
  }

  flushed(): Promise<void> {
    if (this.closed || this.#ws.bufferedAmount === 0) return Promise.resolve();
    return new Promise((resolve) => this.#ws.ping(undefined, false, () => resolve()));
  }

  answered(event: string): void {
    this.#unanswered?.delete(event);
  }

  lose(reason: string): void {
    this.close(CLOSE_TRY_AGAIN, reason);
  }

  close(code: number, reason: string): void {
    if (!this.closed) this.#ws.close(code, reason);
  }

  cut(): void {
    this.#ws.terminate();
  }

  /** A socket that has said nothing since the last time is dead. */
  beat(): void {
    if (!this.#alive) this.cut();
    else if (!this.closed) this.#ws.ping();
    this.#alive = false;
  }

  /** Has the history read where an answer should be there by now. */
  lookForAnswers(): void {
    const nowMs = this.#deps.clock.monotonicMs();
    const since = this.#unanswered?.values().next().value ?? nowMs;
    if (nowMs - since > ANSWER_MS || nowMs < this.#watchUntilMs) this.#audience.readOn();
  }

  #take(bytes: Buffer, isBinary: boolean): void {
    this.#alive = true;
    const word = readFrame(bytes, isBinary);
    if (!word.ok) this.#refuse(word.refusal, word.replyTo);
    else if (!this.#queue(word.frame)) this.#refuse({ code: "too-many-unanswered" }, word.frame.id);
  }

  #queue(frame: ClientFrame): boolean {
    this.#unanswered ??= new Map();
    this.#waiting ??= [];
    const first = !this.#unanswered.has(frame.id);
    const full = first && this.#unanswered.size >= UNANSWERED_MAX;
    if (full || this.#waiting.length >= UNANSWERED_MAX) return false;
    if (first) this.#unanswered.set(frame.id, this.#deps.clock.monotonicMs());
    this.#waiting.push({ frame, first });
    if (this.#waiting.length === 1) void this.#storeInOrder(this.#waiting);
    return true;
  }

  /** One after another: what was sent later is stored later. What a closed socket leaves behind is sent again. */
  async #storeInOrder(waiting: Waiting[]): Promise<void> {
    for (let next = waiting[0]; next !== undefined && !this.closed; next = waiting[0]) {
      this.#confirm(next, await this.#deps.store(this.#audience.sessionKey, next.frame));
      waiting.shift();
    }
    this.#waiting = null;
    if (this.#unanswered?.size === 0) this.#unanswered = null;
  }

  #confirm({ frame: { id }, first }: Waiting, stored: Stored): void {
    if (first && stored.outcome !== "accepted") this.#unanswered?.delete(id);
    if (stored.outcome === "unavailable") {
      this.#refuse({ code: stored.code }, id);
      return;
    }
    if (stored.outcome === "duplicate") {
      // Its answer may have been given long ago, and the word of it lost.
      this.#watchUntilMs = this.#deps.clock.monotonicMs() + REPEATED_MS;
      this.#audience.readOn();
    }
    this.#tellFrame({ type: stored.outcome, id });
  }

  #refuse(refusal: Refusal, replyTo: string | null): void {
    this.#tellFrame(errorFrame(refusal, replyTo));
  }

  #tellFrame(frame: ServerFrame): void {
    this.tell(encode(frame));
  }
}

/** What was wrong with a frame: 1007, 1009, … */
function toldByCloseCode(): void {}
