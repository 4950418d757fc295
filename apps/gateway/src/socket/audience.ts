import type { ServerFrame } from "@chela/chat-client/protocol";
import { type FeedReader, SessionFeed, type SessionFeedDeps } from "../live/session-feed.ts";
import { compareHistoryIds, type LiveDelta, type LiveMessage } from "../live/word.ts";
import { encode, messageFrame } from "./frame.ts";
import type { Slices } from "./slices.ts";

/** Read at once for a socket that catches up. */
const PAGE_MESSAGES = 100;
/** Sent to it at once; the rest waits until that is on its way. */
const PAGE_BYTES = 262_144;
/** Sayings that wait to be told: a session that says more than its sockets can be told loses them, and they come back. */
const PENDING_MAX = 256;
const READ_AGAIN_MS = 5_000;
/** A session is answered one message at a time, so few pieces can come after their whole. */
const ANSWERED_MAX = 8;

/** One socket, as its audience sees it. */
export interface Listener {
  /** Sayings up to this one are none of its business: it joined after them. */
  heard: number;
  readonly closed: boolean;
  tell(bytes: Buffer): void;
  /** Resolves once everything told has left this process, or never will. */
  flushed(): Promise<void>;
  /** It was told the answer to this event. */
  answered(event: string): void;
  /** It cannot be told everything: it has to come again. */
  lose(reason: string): void;
}

/** The same for all audiences: one session's share of memory counts, there are thousands. */
export interface AudienceDeps extends SessionFeedDeps {
  readonly slices: Slices;
  readonly history: SessionFeedDeps["history"] & {
    /** At most `max` messages after the one with the id `after`, oldest first. */
    page(sessionKey: string, after: string, max: number): Promise<LiveMessage[]>;
  };
}

interface Saying {
  readonly n: number;
  frame: ServerFrame;
}

/**
 * The sockets at this gateway that follow one session. They share one feed, and each word is made into bytes once.
 * A socket with a past first catches up from the history by itself, and joins when it has what the feed has.
 */
export class Audience implements FeedReader {
  readonly sessionKey: string;
  /** Sockets that have come and not gone, joined or not. */
  size = 0;
  readonly #deps: AudienceDeps;
  readonly #feed: Promise<SessionFeed>;
  readonly #members = new Set<Listener>();
  readonly #pending: Saying[] = [];
  /** Answers that are being made, as far as they got, by event. As many as there are turns. */
  #partial: Map<string, LiveDelta> | null = null;
  /** Events whose answers were told last: the history may be faster than a piece that was said before. */
  #answered: readonly string[] = [];
  #telling = false;
  #said = 0;
  /** Nothing is added to sayings up to this one: somebody joined who was told them otherwise. */
  #settled = 0;
  #readAtMs = Number.NEGATIVE_INFINITY;

  constructor(deps: AudienceDeps, sessionKey: string) {
    this.#deps = deps;
    this.sessionKey = sessionKey;
    this.#feed = SessionFeed.open(deps, sessionKey, null, this);
    // Who joins is told.
    this.#feed.catch(() => {});
  }

  /**
   * Tells a socket everything after `after` (null: only what comes from now on), then what is said live. Throws when
   * Redis does not answer.
   */
  async join(listener: Listener, after: string | null): Promise<void> {
    const feed = await this.#feed;
    if (after !== null) await this.#catchUp(listener, feed, after);
    if (listener.closed) return;
    listener.heard = this.#said;
    this.#settled = this.#said;
    this.#members.add(listener);
    for (const delta of this.#partial?.values() ?? []) listener.tell(encode(deltaFrame(delta)));
  }

  leave(listener: Listener): void {
    this.#members.delete(listener);
  }

  /** Somebody waits for an answer suspiciously long: the word of it may have been lost. */
  readOn(): void {
    const nowMs = this.#deps.clock.monotonicMs();
    if (nowMs - this.#readAtMs < READ_AGAIN_MS) return;
    this.#readAtMs = nowMs;
    void this.#feed.then(
      (feed) => feed.readOn(),
      () => {},
    );
  }

  close(): void {
    void this.#feed.then(
      (feed) => feed.close(),
      () => {},
    );
  }

  /** Ends when the socket has exactly what the feed has given; the caller then lets it join without awaiting anything. */
  async #catchUp(listener: Listener, feed: SessionFeed, after: string): Promise<void> {
    const { history } = this.#deps;
    for (let last = after; !listener.closed; ) {
      const page = await history.page(this.sessionKey, last, PAGE_MESSAGES);
      await this.#tellAll(listener, page);
      last = page.at(-1)?.eventId ?? last;
      const ahead = compareHistoryIds(last, feed.last);
      if (page.length === PAGE_MESSAGES || ahead < 0) continue;
      if (ahead === 0) return;
      // The word of it is still on its way to the feed; or there never was such a message, and only new ones follow.
      const isNew = async () => compareHistoryIds(last, await history.newest(this.sessionKey)) > 0;
      if (page.length === 0 && (await isNew())) return;
      await feed.readOn();
    }
  }

  async #tellAll(listener: Listener, messages: readonly LiveMessage[]): Promise<void> {
    let bytesOut = 0;
    for (const message of messages) {
      const bytes = encode(messageFrame(message));
      listener.tell(bytes);
      if (message.role !== "user") listener.answered(message.event);
      bytesOut += bytes.length;
      if (bytesOut < PAGE_BYTES) continue;
      await listener.flushed();
      bytesOut = 0;
    }
  }

  onMessage(message: LiveMessage): void {
    if (message.role !== "user") {
      this.#partial?.delete(message.event);
      this.#answered = [...this.#answered.slice(1 - ANSWERED_MAX), message.event];
    }
    this.#say(messageFrame(message));
  }

  onDelta(delta: LiveDelta): void {
    if (this.#answered.includes(delta.event)) return;
    this.#partial ??= new Map();
    const text = (this.#partial.get(delta.event)?.text ?? "") + delta.text;
    this.#partial.set(delta.event, { ...delta, text });
    const waiting = this.#pending.at(-1);
    const before = waiting?.frame;
    // Told together where telling is slower than saying, so that what waits stays bounded.
    if (
      waiting !== undefined &&
      before?.type === "delta" &&
      before.replyTo === delta.event &&
      waiting.n > this.#settled
    ) {
      waiting.frame = deltaFrame({ ...delta, text: before.text + delta.text });
    } else {
      this.#say(deltaFrame(delta));
    }
  }

  onReset(event: string): void {
    this.#partial?.delete(event);
    this.#say({ type: "reset", replyTo: event });
  }

  #say(frame: ServerFrame): void {
    this.#said += 1;
    this.#pending.push({ n: this.#said, frame });
    if (this.#pending.length > PENDING_MAX) this.#lose();
    if (this.#telling) return;
    this.#telling = true;
    this.#deps.slices.add(this.#tell());
  }

  *#tell(): Generator<void, void> {
    for (let saying = this.#pending.shift(); saying; saying = this.#pending.shift()) {
      const bytes = encode(saying.frame);
      for (const listener of this.#members) {
        tell(listener, saying, bytes);
        yield;
      }
    }
    this.#telling = false;
  }

  #lose(): void {
    this.#pending.length = 0;
    const members = [...this.#members];
    this.#members.clear();
    this.#deps.slices.add(
      (function* () {
        for (const listener of members) yield listener.lose("more is said than can be sent");
      })(),
    );
  }
}

function tell(listener: Listener, { n, frame }: Saying, bytes: Buffer): void {
  if (n <= listener.heard) return;
  listener.tell(bytes);
  if (frame.type === "message" && frame.replyTo !== undefined) listener.answered(frame.replyTo);
}

function deltaFrame({ event, text, epoch, seq }: LiveDelta): ServerFrame {
  return { type: "delta", replyTo: event, text, epoch, seq };
}
