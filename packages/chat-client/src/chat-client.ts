import { backoffMs } from "./backoff.ts";
import { type ChatError, Conversation, type Outgoing } from "./conversation.ts";
import { BEGINNING } from "./event-id.ts";
import type { MessageFrame, ServerFrame } from "./protocol.ts";
import { browserSurroundings, type ChatSocket, type Surroundings } from "./surroundings.ts";

const TEXT_BYTES_MAX = 65_536;
const OUTGOING_MAX = 100;
const MESSAGES_MAX = 1_000;
const CONNECT_MS = 15_000;
/** A gateway confirms within a second; then the connection is dead, whatever the browser believes. */
const CONFIRM_MS = 10_000;
/** While an answer is awaited: a connection that is quiet for so long is made anew, which brings whatever was missed. */
const QUIET_MS = 45_000;
/** A connection that lasted so long was a good one: the next failure counts as the first. */
const LASTING_MS = 5_000;
const SERVICE_RESTART = 1012;

/** The message itself is at fault; everything else is worth another try. */
const MESSAGE_AT_FAULT = ["message-invalid", "text-too-large"];
/** Trying again changes nothing: somebody has to do something. */
const WISH_AT_FAULT = [
  "unauthorized",
  "clients-not-configured",
  "session-invalid",
  "after-invalid",
];

export type Connection =
  | { readonly kind: "idle" | "connecting" | "open" | "stopped" }
  /** Connects again then, in terms of `nowMs`. */
  | { readonly kind: "waiting"; readonly retryAtMs: number }
  /** Not let in; it does not try again by itself. */
  | { readonly kind: "refused"; readonly error: ChatError };

export interface ChatOptions {
  /** `wss://…/ws`. */
  readonly url: string;
  readonly session: string;
  readonly token: string;
  /** Event id of the last message already known; unset: the session is told from its beginning. */
  readonly after?: string;
  /** Something changed: read the client's properties. */
  readonly onChange?: () => void;
  readonly surroundings?: Surroundings;
}

/**
 * A chat session that survives its connections: says each message once, under an id of its own, in the order it was
 * given them; shows each message of the session once and in order.
 */
export class ChatClient {
  readonly #options: ChatOptions;
  readonly #world: Surroundings;
  readonly #conversation: Conversation;
  #connection: Connection = { kind: "idle" };
  #socket: ChatSocket | null = null;
  #openedAtMs: number | null = null;
  /** Connections failed in a row. */
  #failures = 0;
  /** The message that was sent and is not confirmed yet: one at a time, so that none overtakes another. */
  #onWire: string | null = null;
  #refusals = 0;
  #cancelRetry: () => void = () => {};
  #cancelResend: () => void = () => {};
  #cancelWatch: () => void = () => {};
  #resendLater = false;

  constructor(options: ChatOptions) {
    this.#options = options;
    this.#world = options.surroundings ?? browserSurroundings;
    this.#conversation = new Conversation(options.after ?? BEGINNING, MESSAGES_MAX);
  }

  get connection(): Connection {
    return this.#connection;
  }

  /** The session's messages, oldest first, the last 1,000 at most. */
  get messages(): readonly MessageFrame[] {
    return this.#conversation.messages;
  }

  /** What was said here and is not a message of the session yet, in order. */
  get outgoing(): readonly Outgoing[] {
    return this.#conversation.outgoing;
  }

  /** The answer to a message, as far as it is made. */
  saying(id: string): string {
    return this.#conversation.saying(id);
  }

  /** Messages said elsewhere whose answers are being made. */
  sayingToOthers(): string[] {
    return this.#conversation.sayingToOthers();
  }

  start(): void {
    if (this.#socket === null) this.#connect();
  }

  /** Connects now instead of later: the network is back, somebody presses a button. */
  retryNow(): void {
    if (this.#connection.kind === "waiting" || this.#connection.kind === "refused") this.#connect();
  }

  stop(): void {
    this.#hangUp();
    this.#enter({ kind: "stopped" });
  }

  /** @returns the message's id, or null where too many wait already. */
  send(text: string): string | null {
    if (this.outgoing.length >= OUTGOING_MAX) return null;
    const id = this.#world.newId();
    this.#conversation.say(id, text.toWellFormed());
    if (new TextEncoder().encode(text).length > TEXT_BYTES_MAX) {
      const message = "The text is larger than 64 KiB: send it in parts.";
      this.#conversation.refuse(id, { code: "text-too-large", message });
    }
    this.#goOn();
    return id;
  }

  /** Takes a refused message out of sight. */
  forget(id: string): void {
    this.#conversation.forget(id);
    this.#changed();
  }

  #connect(): void {
    this.#hangUp();
    const { url, session, token } = this.#options;
    const query = new URLSearchParams({ session, after: this.#conversation.last, token });
    const address = `${url}?${query}`;
    const socket = this.#world.connect(address);
    this.#socket = socket;
    socket.onopen = () => {
      this.#openedAtMs = this.#world.nowMs();
      this.#enter({ kind: "open" });
      this.#goOn();
    };
    socket.onmessage = ({ data }) => this.#hear(data);
    socket.onclose = ({ code }) => this.#lost(code, address);
    this.#enter({ kind: "connecting" });
    this.#cancelWatch = this.#world.after(CONNECT_MS, () => this.#lost(null, address));
  }

  #hear(data: unknown): void {
    const frame = JSON.parse(String(data)) as ServerFrame;
    if (frame.type === "error" && frame.replyTo !== undefined) this.#refused(frame.replyTo, frame);
    else this.#conversation.take(frame);
    this.#goOn();
  }

  #refused(id: string, { code, message }: ChatError): void {
    if (MESSAGE_AT_FAULT.includes(code)) this.#conversation.refuse(id, { code, message });
    else if (id === this.#onWire) this.#resendSoon();
  }

  #resendSoon(): void {
    // Those behind it wait too.
    this.#onWire = null;
    this.#resendLater = true;
    const waitMs = backoffMs(this.#refusals++, this.#world.random());
    this.#cancelResend = this.#world.after(waitMs, () => {
      this.#resendLater = false;
      this.#goOn();
    });
  }

  /** Sends what is next, and sees to it that silence does not last for ever. */
  #goOn(): void {
    const next = this.#conversation.next();
    if (this.#onWire !== null && next?.id !== this.#onWire) {
      this.#onWire = null;
      this.#refusals = 0;
    }
    const isOpen = this.#connection.kind === "open";
    if (isOpen && next !== undefined && this.#onWire === null && !this.#resendLater) {
      this.#onWire = next.id;
      this.#socket?.send(JSON.stringify({ type: "message", id: next.id, text: next.text }));
    }
    this.#watch();
    this.#changed();
  }

  #watch(): void {
    this.#cancelWatch();
    if (this.#connection.kind !== "open") return;
    const awaited = this.outgoing.some(({ state }) => state === "stored");
    if (this.#onWire === null && !awaited) return;
    const waitMs = this.#onWire === null ? QUIET_MS : CONFIRM_MS;
    this.#cancelWatch = this.#world.after(waitMs, () => this.#connect());
  }

  #lost(code: number | null, address: string): void {
    const openMs = this.#openedAtMs === null ? null : this.#world.nowMs() - this.#openedAtMs;
    this.#hangUp();
    if (openMs !== null && openMs >= LASTING_MS) this.#failures = 0;
    // Told to go elsewhere, and there is an elsewhere; twice in a row it is better to wait a little.
    const atOnce = code === SERVICE_RESTART && this.#failures === 0;
    const waitMs = atOnce ? 0 : backoffMs(this.#failures, this.#world.random());
    this.#failures += 1;
    const retryAtMs = this.#world.nowMs() + waitMs;
    this.#cancelRetry = this.#world.after(waitMs, () => this.#connect());
    this.#enter({ kind: "waiting", retryAtMs });
    if (openMs === null) void this.#askWhy(address);
  }

  async #askWhy(address: string): Promise<void> {
    const error = await this.#world.explain(address);
    if (error === null || !WISH_AT_FAULT.includes(error.code)) return;
    if (this.#connection.kind === "stopped" || this.#connection.kind === "open") return;
    this.#hangUp();
    this.#enter({ kind: "refused", error });
  }

  /** Ends the connection and everything that waits on it. */
  #hangUp(): void {
    for (const cancel of [this.#cancelRetry, this.#cancelResend, this.#cancelWatch]) cancel();
    const socket = this.#socket;
    this.#socket = null;
    this.#openedAtMs = null;
    this.#onWire = null;
    this.#resendLater = false;
    this.#conversation.cut();
    if (socket === null) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #enter(connection: Connection): void {
    this.#connection = connection;
    this.#changed();
  }

  #changed(): void {
    this.#options.onChange?.();
  }
}
