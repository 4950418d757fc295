import { compareEventIds } from "./event-id.ts";
import type { MessageFrame, ServerFrame } from "./protocol.ts";

/** What was said here and does not stand in the session yet. */
export interface Outgoing {
  readonly id: string;
  readonly text: string;
  /** `waiting` to be confirmed; `stored`: it will be answered; `refused`: it never will be taken. */
  readonly state: "waiting" | "stored" | "refused";
  readonly error?: ChatError;
}

export interface ChatError {
  readonly code: string;
  readonly message: string;
}

interface Saying {
  epoch: number;
  seq: number;
  text: string;
}

/**
 * A session as one client knows it: what the gateway says, in whatever pieces and however often, and what was said
 * here. A message is in it once, in the order of its event ids, and what is said here stays in sight until it is one.
 */
export class Conversation {
  readonly #messagesMax: number;
  #messages: MessageFrame[] = [];
  #outgoing: Outgoing[] = [];
  readonly #saying = new Map<string, Saying>();
  #last: string;

  /** `after`: id of the last message that is known elsewhere already. `messagesMax`: older ones are dropped. */
  constructor(after: string, messagesMax: number) {
    this.#last = after;
    this.#messagesMax = messagesMax;
  }

  get messages(): readonly MessageFrame[] {
    return this.#messages;
  }

  get outgoing(): readonly Outgoing[] {
    return this.#outgoing;
  }

  /** Event id of the newest message. */
  get last(): string {
    return this.#last;
  }

  /** The answer to a message, as far as it is made; empty where none is being made. */
  saying(id: string): string {
    return this.#saying.get(id)?.text ?? "";
  }

  /** Answers being made to messages that were said elsewhere. */
  sayingToOthers(): string[] {
    return [...this.#saying.keys()].filter((id) => this.#outgoing.every((one) => one.id !== id));
  }

  say(id: string, text: string): void {
    this.#outgoing = [...this.#outgoing, { id, text, state: "waiting" }];
  }

  refuse(id: string, error: ChatError): void {
    this.#set(id, { state: "refused", error });
  }

  forget(id: string): void {
    this.#outgoing = this.#outgoing.filter((one) => one.id !== id);
  }

  /** The first that is to be sent, so that they arrive in their order. */
  next(): Outgoing | undefined {
    return this.#outgoing.find(({ state }) => state === "waiting");
  }

  /** The connection is gone: of what was being said nobody knows what comes next; the new one says it anew. */
  cut(): void {
    this.#saying.clear();
  }

  take(frame: ServerFrame): void {
    switch (frame.type) {
      case "accepted":
      case "duplicate":
        this.#set(frame.id, { state: "stored" });
        break;
      case "delta":
        this.#piece(frame);
        break;
      case "reset": {
        const saying = this.#saying.get(frame.replyTo);
        if (saying !== undefined) saying.text = "";
        break;
      }
      case "message":
        this.#message(frame);
    }
  }

  #set(id: string, change: Pick<Outgoing, "state" | "error">): void {
    this.#outgoing = this.#outgoing.map((one) =>
      one.id === id && one.state === "waiting" ? { ...one, ...change } : one,
    );
  }

  #piece({ replyTo, text, epoch, seq }: Extract<ServerFrame, { type: "delta" }>): void {
    if (this.#messages.some((message) => message.replyTo === replyTo)) return;
    const saying = this.#saying.get(replyTo);
    if (saying === undefined || epoch > saying.epoch) {
      this.#saying.set(replyTo, { epoch, seq, text });
    } else if (epoch === saying.epoch && seq > saying.seq) {
      saying.seq = seq;
      saying.text += text;
    }
  }

  #message(message: MessageFrame): void {
    if (compareEventIds(message.eventId, this.#last) <= 0) return;
    this.#last = message.eventId;
    this.#messages = [...this.#messages.slice(-(this.#messagesMax - 1)), message];
    if (message.replyTo !== undefined) this.#saying.delete(message.replyTo);
    const id = message.id ?? message.replyTo;
    if (id !== undefined) this.forget(id);
  }
}
