import type { ChatError } from "../conversation.ts";
import { compareEventIds } from "../event-id.ts";
import type { ClientFrame, MessageFrame, ServerFrame } from "../protocol.ts";
import type { ChatSocket, Surroundings } from "../surroundings.ts";

/** One connection: what is under way in both directions arrives when the test says so. */
export class ModelSocket implements ChatSocket {
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: { readonly data: unknown }) => void) | null = null;
  onclose: ((event: { readonly code: number }) => void) | null = null;
  readonly after: string;
  readonly toClient: ServerFrame[] = [];
  readonly toGateway: ClientFrame[] = [];
  state: "opening" | "open" | "closed" = "opening";
  #last: ServerFrame | null = null;

  constructor(url: string) {
    this.after = new URL(url).searchParams.get("after")!;
  }

  send(text: string): void {
    if (this.state === "open") this.toGateway.push(JSON.parse(text) as ClientFrame);
  }

  close(): void {
    this.state = "closed";
  }

  /** The client is told the next frame that is under way. */
  deliver(): void {
    const frame = this.toClient.shift();
    if (frame === undefined || this.state !== "open") return;
    this.#last = frame;
    this.repeat();
  }

  /** The client is told the last frame once more. */
  repeat(): void {
    if (this.#last !== null && this.state === "open") {
      this.onmessage?.({ data: JSON.stringify(this.#last) });
    }
  }

  /** Whatever is under way is lost. */
  cut(code: number): void {
    if (this.state === "closed") return;
    this.state = "closed";
    this.onclose?.({ code });
  }
}

/** A session as gateways and Redis keep it together, and the world around one client of it. */
export class ModelGateway {
  readonly history: MessageFrame[] = [];
  readonly #inbox: ClientFrame[] = [];
  readonly #seen = new Set<string>();
  #turn: { epoch: number; seq: number; saidTo: number } | null = null;
  #epoch = 1;
  #nowMs = 0;
  #timers: { atMs: number; run: () => void }[] = [];
  #ids = 0;
  explanation: ChatError | null = null;
  random = 0;
  readonly sockets: ModelSocket[] = [];

  readonly surroundings: Surroundings = {
    connect: (url) => {
      const socket = new ModelSocket(url);
      this.sockets.push(socket);
      return socket;
    },
    explain: async () => this.explanation,
    nowMs: () => this.#nowMs,
    after: (ms, run) => {
      const timer = { atMs: this.#nowMs + ms, run };
      this.#timers.push(timer);
      return () => {
        this.#timers = this.#timers.filter((one) => one !== timer);
      };
    },
    random: () => this.random,
    newId: () => `m${this.#ids++}`,
  };

  get socket(): ModelSocket | undefined {
    return this.sockets.at(-1);
  }

  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const [next] = this.#timers
        .filter(({ atMs }) => atMs <= endMs)
        .sort((a, b) => a.atMs - b.atMs);
      if (next === undefined) break;
      this.#timers = this.#timers.filter((one) => one !== next);
      this.#nowMs = next.atMs;
      next.run();
    }
    this.#nowMs = endMs;
  }

  /** The connection is there: what the client missed, and what is being said, is on its way. */
  open(): void {
    const { socket } = this;
    if (socket?.state !== "opening") return;
    socket.state = "open";
    socket.toClient.push(
      ...this.history.filter(({ eventId }) => compareEventIds(eventId, socket.after) > 0),
    );
    if (this.#turn !== null && this.#turn.saidTo > 0) this.#say(0);
    socket.onopen?.(undefined as never);
  }

  /** The gateway takes the next message, or refuses it for now. */
  take(refuse = false): void {
    const frame = this.socket?.toGateway.shift();
    if (frame === undefined) return;
    if (refuse) {
      this.#tell({ type: "error", code: "backlog-full", message: "Later.", replyTo: frame.id });
    } else if (this.#seen.has(frame.id)) {
      this.#tell({ type: "duplicate", id: frame.id });
    } else {
      this.#seen.add(frame.id);
      this.#inbox.push(frame);
      this.#tell({ type: "accepted", id: frame.id });
    }
  }

  /** A piece of the answer to the oldest message. */
  say(): void {
    const [message] = this.#inbox;
    if (message === undefined) return;
    this.#turn ??= { epoch: this.#epoch, seq: -1, saidTo: 0 };
    const from = this.#turn.saidTo;
    this.#turn.saidTo = Math.min(from + 2, answerTo(message.text).length);
    this.#turn.seq += 1;
    if (this.#turn.saidTo > from) this.#say(from);
  }

  /** Another gateway begins the turn anew. */
  takeOver(): void {
    this.#epoch += 1;
    const [message] = this.#inbox;
    if (this.#turn !== null && message !== undefined) {
      this.#tell({ type: "reset", replyTo: message.id });
    }
    this.#turn = null;
  }

  commit(): void {
    const message = this.#inbox.shift();
    if (message === undefined) return;
    this.#turn = null;
    const { id, text } = message;
    for (const frame of [
      { role: "user", text, id } as const,
      { role: "assistant", text: answerTo(text), replyTo: id } as const,
    ]) {
      const eventId = `${this.#epoch}-${this.history.length + 1}`;
      this.history.push({ type: "message", eventId, ...frame });
      this.#tell(this.history.at(-1)!);
    }
  }

  /** No more faults: goes on until nothing is under way any more. */
  settle(): void {
    for (let round = 0; round < 1_000; round++) {
      this.open();
      this.take();
      this.commit();
      this.socket?.deliver();
      const { socket } = this;
      const idle = socket?.toClient.length === 0 && socket.toGateway.length === 0;
      if (idle) this.advance(100);
    }
  }

  #say(from: number): void {
    const { epoch, seq, saidTo } = this.#turn!;
    const { id, text } = this.#inbox[0]!;
    const piece = answerTo(text).slice(from, saidTo);
    this.#tell({ type: "delta", replyTo: id, text: piece, epoch, seq });
  }

  #tell(frame: ServerFrame): void {
    if (this.socket?.state === "open") this.socket.toClient.push(frame);
  }
}

export function answerTo(text: string): string {
  return `the answer to ${text}`;
}
