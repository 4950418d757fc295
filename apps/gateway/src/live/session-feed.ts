import type { Clock } from "@chela/shared/clock/clock";
import { DeltaFilter } from "./delta-filter.ts";
import {
  compareHistoryIds,
  type Follower,
  type LiveDelta,
  type LiveMessage,
  type LiveWord,
} from "./word.ts";

const READ_RETRY_MS = 250;

export interface SessionFeedDeps {
  readonly clock: Clock;
  readonly follow: (sessionKey: string, follower: Follower) => Promise<() => void>;
  readonly history: {
    /** Everything after `after` (empty: from the beginning), oldest first. */
    after(sessionKey: string, after: string): Promise<LiveMessage[]>;
    /** Id of the newest message; empty where there is none. */
    newest(sessionKey: string): Promise<string>;
  };
}

export interface FeedReader {
  onMessage(message: LiveMessage): void;
  onDelta(delta: LiveDelta): void;
  /** What was shown of the answer to this event is void. */
  onReset(event: string): void;
}

/**
 * One caller's view of one session: every committed message once and in order, whatever pub/sub loses. First
 * subscribed, then read, repeats dropped; each message names the one before it, so a gap shows and is read again.
 */
export class SessionFeed implements Follower {
  readonly #deps: SessionFeedDeps;
  readonly #sessionKey: string;
  readonly #reader: FeedReader;
  /** Made when the first piece comes: thousands of feeds hear none. */
  #deltas: DeltaFilter | null = null;
  #closed = false;
  /** Made only while Redis is away: thousands of feeds have no use for it. */
  #waiting: AbortController | null = null;
  #leave: () => void = () => {};
  #last: string;
  #reading = false;
  #readAgain = false;

  /** `after`: history id of the last message that the caller has. */
  private constructor(
    deps: SessionFeedDeps,
    sessionKey: string,
    after: string,
    reader: FeedReader,
  ) {
    this.#deps = deps;
    this.#sessionKey = sessionKey;
    this.#last = after;
    this.#reader = reader;
  }

  /**
   * Opens a feed: what came after `after` is read to the reader first (null: only what comes from now on).
   * Throws when Redis does not answer.
   */
  static async open(
    deps: SessionFeedDeps,
    sessionKey: string,
    after: string | null,
    reader: FeedReader,
  ): Promise<SessionFeed> {
    const feed = new SessionFeed(deps, sessionKey, after ?? "", reader);
    // Whatever is heard before the first reading is over is found by a further one.
    feed.#reading = true;
    feed.#leave = await deps.follow(sessionKey, feed);
    try {
      if (after === null) feed.#last = await deps.history.newest(sessionKey);
      else await feed.#read();
    } catch (error) {
      feed.close();
      throw error;
    }
    feed.#reading = false;
    if (feed.#readAgain) void feed.readOn();
    return feed;
  }

  /** Id of the last message that the reader was given. */
  get last(): string {
    return this.#last;
  }

  close(): void {
    this.#closed = true;
    this.#waiting?.abort();
    this.#leave();
  }

  /** Reads what is stored after the last message; again and again while Redis is away. Never throws. */
  async readOn(): Promise<void> {
    this.#readAgain = true;
    if (this.#reading) return;
    this.#reading = true;
    while (this.#readAgain && !this.#closed) {
      this.#readAgain = false;
      try {
        await this.#read();
      } catch {
        this.#readAgain = true;
        this.#waiting = new AbortController();
        await this.#deps.clock.sleep(READ_RETRY_MS, this.#waiting.signal);
        this.#waiting = null;
      }
    }
    this.#reading = false;
  }

  onGap(): void {
    void this.readOn();
  }

  async #read(): Promise<void> {
    const messages = await this.#deps.history.after(this.#sessionKey, this.#last);
    for (const message of messages) this.#give(message);
  }

  onWord(word: LiveWord): void {
    if (this.#closed) return;
    if ("delta" in word) this.#filter().delta(word.delta);
    else if ("reset" in word) this.#filter().reset(word.reset);
    else this.#take(word.messages);
  }

  #filter(): DeltaFilter {
    this.#deltas ??= new DeltaFilter(
      (delta) => this.#reader.onDelta(delta),
      (event) => this.#reader.onReset(event),
    );
    return this.#deltas;
  }

  #take(messages: readonly LiveMessage[]): void {
    if (this.#reading) {
      this.#readAgain = true;
      return;
    }
    for (const message of messages) {
      const isNew = compareHistoryIds(message.eventId, this.#last) > 0;
      if (isNew && message.previous !== this.#last) {
        void this.readOn();
        return;
      }
      this.#give(message);
    }
  }

  #give(message: LiveMessage): void {
    if (this.#closed) return;
    if (compareHistoryIds(message.eventId, this.#last) <= 0) return;
    this.#last = message.eventId;
    if (message.role !== "user") this.#deltas?.ended(message.event);
    this.#reader.onMessage(message);
  }
}
