import type { IncomingHttpHeaders } from "node:http";
import type { Refusal } from "@chela/shared/errors/errors";
import type { InboundEvent } from "../inbox/event.ts";

/** What a verified request meant. */
export type Understood =
  | {
      readonly kind: "events";
      /** May be empty: a notice that needs no answer is accepted and dropped. */
      readonly events: readonly InboundEvent[];
      /** What the answer names: the vendor's own id of what it delivered. */
      readonly id: string;
      /** What the vendor's protocol demands in the 2xx, beside what we say ourselves. */
      readonly also?: Readonly<Record<string, unknown>>;
    }
  /** A question of the vendor's protocol (is this address yours?): answered 200, nothing is stored. */
  | { readonly kind: "answer"; readonly contentType: string; readonly body: string }
  | { readonly kind: "refused"; readonly refusal: Refusal };

/** What came of one attempt to send. */
export type Sent =
  | { readonly kind: "sent" }
  /** Certainly not taken: the connection was refused, the vendor said 429 or that it failed. Sent again. */
  | { readonly kind: "later"; readonly reason: string; readonly retryAfterMs: number | null }
  /** Perhaps taken, nobody knows: no answer in time, connection cut, broken off. `resend` says what becomes of it. */
  | { readonly kind: "unknown"; readonly reason: string }
  /** The vendor will never take it. */
  | { readonly kind: "refused"; readonly reason: string };

/** How a channel's answers leave the gateway. */
export interface Outbound {
  /** The vendor's messages for one answer, in order, JSON each; `reply` is the event's own. */
  messages(reply: string, text: string): string[];
  /** Sends one of them. Must not throw; each channel says what a repeated send does. */
  send(message: string, signal: AbortSignal): Promise<Sent>;
  /** What becomes of a message whose send began and whose outcome nobody knows (its sender is gone). */
  resend(message: string): Resend;
}

/** `repeat`: send it again, at worst it is said twice. `give-up`: it becomes a dead letter. */
export type Resend = "repeat" | "give-up";

/** A kind of webhook: how it is signed, what it says, how it is answered. */
export interface Channel {
  readonly name: string;
  /** How long the provider may repeat an event, unless the configuration says otherwise. */
  readonly dedupeTtlSeconds: number;
  /** Before the body is read: presence and age of what proves the sender. `nowMs` is Redis' time. */
  checkHeaders(headers: IncomingHttpHeaders, nowMs: number): Refusal | null;
  /** Over the raw body, in constant time. */
  verify(headers: IncomingHttpHeaders, body: Buffer): Refusal | null;
  /** Only for what was verified. */
  understand(headers: IncomingHttpHeaders, body: Buffer): Understood;
  /** How a GET is answered, by which a vendor asks whether the address is ours; null: none comes. */
  readonly confirm: ((query: URLSearchParams) => Understood) | null;
  /** Null: the caller reads the answer from the session. */
  readonly outbound: Outbound | null;
}

/** A header that must stand there once; else empty. */
export function headerOf(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name];
  return typeof value === "string" ? value : "";
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** A body as JSON object; null where it is none. */
export function jsonObject(body: Buffer): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(utf8.decode(body));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

export function refused(code: Refusal["code"], detail?: string): Understood {
  return { kind: "refused", refusal: detail === undefined ? { code } : { code, detail } };
}

export function answered(body: Readonly<Record<string, unknown>>): Understood {
  return { kind: "answer", contentType: "application/json", body: JSON.stringify(body) };
}
