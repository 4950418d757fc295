import type { Clock } from "@chela/shared/clock/clock";
import type { Deliver, Follow } from "../inbox/redis-inbox-reader.ts";
import type { Connection } from "./connection.ts";
import type { InboxPort } from "./store/store.ts";

const ENTRIES_PER_READ_MAX = 200;
const RETRY_MS = 50;
const BLOCK_MS = 1_000;

interface Following {
  readonly shard: number;
  readonly deliver: Deliver;
  cursor: string;
  state: "reading" | "waiting" | "full" | "stopped";
  /** Entries came while it was being read: there is nothing to wait for. */
  more: boolean;
  /** Ends the waiting; one for each. */
  wait: AbortController;
}

/**
 * What RedisInboxReader does, over a simulated connection: each inbox from its beginning, then whatever comes;
 * from the beginning again after each reconnection.
 */
export class InboxFollower {
  readonly #connection: () => Connection;
  readonly #inbox: InboxPort;
  readonly #clock: Clock;
  readonly #follows = new Set<Following>();

  constructor(connection: () => Connection, inbox: InboxPort, clock: Clock) {
    this.#connection = connection;
    this.#inbox = inbox;
    this.#clock = clock;
  }

  follow(shard: number, deliver: Deliver): Follow {
    const cursor = this.#inbox.beginning(shard);
    const wait = new AbortController();
    const following: Following = {
      shard,
      deliver,
      cursor,
      state: "reading",
      more: false,
      wait,
    };
    this.#follows.add(following);
    void this.#read(following);
    return {
      resume: () => {
        if (following.state !== "full") return;
        following.state = "reading";
        void this.#read(following);
      },
      stop: () => {
        following.state = "stopped";
        this.#follows.delete(following);
        following.wait.abort();
      },
    };
  }

  /** The blocked read of an inbox got an answer. */
  entriesCame(shard: number): void {
    for (const following of this.#follows) {
      if (following.shard !== shard) continue;
      following.more = true;
      following.wait.abort();
    }
  }

  reconnected(): void {
    for (const following of this.#follows) {
      if (following.state !== "waiting") continue;
      following.cursor = this.#inbox.beginning(following.shard);
      following.wait.abort();
    }
  }

  async #read(following: Following): Promise<void> {
    while (following.state === "reading") {
      const { shard, cursor } = following;
      following.more = false;
      const entries = await this.#connection()
        .call(() => this.#inbox.read(shard, cursor, ENTRIES_PER_READ_MAX))
        .catch(() => null);
      if (entries === null) {
        await this.#clock.sleep(RETRY_MS);
        continue;
      }
      if (following.state !== "reading") return;
      following.cursor = entries.at(-1)?.id ?? cursor;
      const room = entries.length === 0 || following.deliver(entries);
      if (!this.#follows.has(following)) return;
      if (!room) following.state = "full";
      else if (entries.length < ENTRIES_PER_READ_MAX && !following.more) {
        await this.#wait(following);
      }
    }
  }

  async #wait(following: Following): Promise<void> {
    following.state = "waiting";
    following.wait = new AbortController();
    await this.#clock.sleep(BLOCK_MS, following.wait.signal);
    if (following.state === "waiting") following.state = "reading";
  }
}
