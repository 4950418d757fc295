/** What goes over `/ws`: JSON, one frame each. Text at most 64 KiB, ids of 1 to 256 characters. */

/** From the client. `id` names the message: sent again under the same id, it is taken once. */
export interface ClientFrame {
  readonly type: "message";
  readonly id: string;
  readonly text: string;
}

/** From the gateway. `replyTo` is the id that the answered message was sent under. */
export type ServerFrame =
  /** It is stored, or was before; its answer comes as a `message`. */
  | { readonly type: "accepted" | "duplicate"; readonly id: string }
  /** A piece of an answer that is being made. */
  | {
      readonly type: "delta";
      readonly replyTo: string;
      readonly text: string;
      readonly epoch: number;
      readonly seq: number;
    }
  /** The answer begins anew: the pieces so far are void. */
  | { readonly type: "reset"; readonly replyTo: string }
  | MessageFrame
  | {
      readonly type: "error";
      readonly code: string;
      readonly message: string;
      readonly replyTo?: string;
    };

/** A message of the session, in order, once. `eventId` is what a client that comes back gives as `after`. */
export interface MessageFrame {
  readonly type: "message";
  readonly eventId: string;
  readonly role: "user" | "assistant" | "error";
  readonly text: string;
  /** A user's message: the id that it was sent under. */
  readonly id?: string;
  /** An answer: the id of the message that it answers. */
  readonly replyTo?: string;
}
