/** A committed message as callers are told it. */
export interface LiveMessage {
  /** History id, `<epoch>-<n>`. */
  readonly eventId: string;
  /** History id of the message before it; empty at the first. */
  readonly previous: string;
  readonly role: "user" | "assistant" | "error";
  readonly text: string;
  /** The event's own id, as its sender gave it: of the message itself, or of the one that this answers. */
  readonly event: string;
  /** JSON, an assistant's Ending: what is known of an answer beside its text. Missing where nothing is. */
  readonly ending?: string;
}

/**
 * A piece of an answer that is being made, before it is committed. `seq` counts from 0 within one turn; pieces of a
 * lower epoch than one already seen come from a gateway that has lost the shard.
 */
export interface LiveDelta {
  readonly event: string;
  readonly epoch: number;
  readonly seq: number;
  readonly text: string;
}

/** The turn began again at the same owner: what was said so far is void. Counts as a piece of its own. */
export type LiveReset = Omit<LiveDelta, "text">;

/** What is published on a shard's live channel (keys.live). */
export type LiveWord = { readonly session: string } & (
  | { readonly messages: readonly LiveMessage[] }
  | { readonly delta: LiveDelta }
  | { readonly reset: LiveReset }
);

/** Whoever follows a session. */
export interface Follower {
  onWord(word: LiveWord): void;
  /** Words may have been missed: the connection was renewed. */
  onGap(): void;
}

/** History ids as numbers: `-1`, `0` or `1`. Both must be ids, or empty: before everything. */
export function compareHistoryIds(a: string, b: string): number {
  const [epochA, nA] = partsOf(a);
  const [epochB, nB] = partsOf(b);
  return Math.sign(epochA - epochB || nA - nB);
}

export function isHistoryId(text: string): boolean {
  return /^\d{1,15}-\d{1,15}$/.test(text);
}

function partsOf(id: string): [number, number] {
  if (id === "") return [-1, -1];
  const dash = id.indexOf("-");
  return [Number(id.slice(0, dash)), Number(id.slice(dash + 1))];
}
