import type { Clock } from "@chela/shared/clock/clock";
import type { Redis } from "ioredis";
import type { InboxEntry } from "./event.ts";
import { entryOf } from "./redis-inbox.ts";

const BLOCK_MS = 1_000;
/** A blocking read that takes this much longer than it should hangs on a dead connection. */
const OVERRUN_MS = 1_000;
const ENTRIES_PER_READ_MAX = 200;
const RETRY_MS = 50;
/** 5 s without a connection. */
const FAILURES_UNTIL_RECONNECT = 100;

/** Takes entries of one shard, in stream order; false: no room for more until `resume`. */
export type Deliver = (entries: InboxEntry[]) => boolean;

export interface Follow {
  resume(): void;
  stop(): void;
}

interface Following {
  readonly key: string;
  readonly deliver: Deliver;
  cursor: string;
  /** `reading`: from the cursor on the ordinary connection; `waiting`: part of the blocked read; `full`: until resumed. */
  state: "reading" | "waiting" | "full" | "stopped";
}

/**
 * Reads the inboxes of all held shards: plain XREAD, which changes nothing. A shard is read on the ordinary
 * connection from the inbox's beginning until it is drained; then it joins one blocked read over all shards.
 *
 * After a reconnection every shard is read from its beginning again, since a promoted replica may give lower
 * ids than were seen; so entries may be delivered again, and whoever takes them must know them by their ids.
 */
export class RedisInboxReader {
  readonly #commands: Redis;
  readonly #blocking: Redis;
  readonly #clock: Clock;
  readonly #stop = new AbortController();
  readonly #follows = new Set<Following>();
  #clientId: number | null = null;
  /** Aborted when the set of waiting shards changes; one for each round of the loop. */
  #change = new AbortController();
  #blocked = false;

  constructor(commands: Redis, blocking: Redis, clock: Clock) {
    this.#commands = commands;
    this.#blocking = blocking;
    this.#clock = clock;
    blocking.on("close", () => {
      this.#clientId = null;
    });
  }

  start(): void {
    void this.#run();
  }

  stop(): void {
    for (const follow of this.#follows) follow.state = "stopped";
    this.#follows.clear();
    this.#stop.abort();
    this.#change.abort();
    this.#blocking.disconnect();
  }

  /** Reads an inbox from its beginning and goes on as entries come. */
  follow(inboxKey: string, deliver: Deliver): Follow {
    const follow: Following = { key: inboxKey, deliver, cursor: "0-0", state: "reading" };
    this.#follows.add(follow);
    void this.#read(follow);
    return {
      resume: () => {
        if (follow.state !== "full") return;
        follow.state = "reading";
        void this.#read(follow);
      },
      stop: () => {
        follow.state = "stopped";
        this.#follows.delete(follow);
      },
    };
  }

  /** Drains one inbox on the ordinary connection, then lets it wait with the others. */
  async #read(follow: Following): Promise<void> {
    while (follow.state === "reading") {
      let streams: Streams;
      try {
        streams = (await this.#commands.xread(
          "COUNT",
          ENTRIES_PER_READ_MAX,
          "STREAMS",
          follow.key,
          follow.cursor,
        )) as Streams;
      } catch {
        await this.#clock.sleep(RETRY_MS, this.#stop.signal);
        continue;
      }
      if (follow.state !== "reading") return;
      const entries = streams?.[0]?.[1] ?? [];
      this.#deliver(follow, entries);
      if (follow.state === "reading" && entries.length < ENTRIES_PER_READ_MAX) {
        follow.state = "waiting";
        this.#changed();
      }
    }
  }

  #deliver(follow: Following, raw: [string, string[]][]): void {
    const last = raw.at(-1);
    if (last === undefined) return;
    follow.cursor = last[0];
    const entries = raw.map(([id, fields]) => entryOf(id, fields)).filter((e) => e !== null);
    if (!follow.deliver(entries) && follow.state !== "stopped") follow.state = "full";
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#stop.signal.aborted) {
      try {
        if (this.#clientId === null) await this.#connected();
        await this.#round();
        failures = 0;
      } catch {
        // Away; the connection comes back by itself, unless it hangs half open.
        failures += 1;
        if (failures % FAILURES_UNTIL_RECONNECT === 0) this.#blocking.disconnect(true);
        await this.#clock.sleep(RETRY_MS, this.#stop.signal);
      }
    }
  }

  async #connected(): Promise<void> {
    this.#clientId = (await this.#inTime(this.#blocking.client("ID"))) as number;
    for (const follow of this.#follows) {
      if (follow.state !== "waiting") continue;
      follow.state = "reading";
      follow.cursor = "0-0";
      void this.#read(follow);
    }
  }

  async #round(): Promise<void> {
    this.#change = new AbortController();
    const waiting = [...this.#follows].filter((follow) => follow.state === "waiting");
    if (waiting.length === 0) return this.#clock.sleep(BLOCK_MS, this.#change.signal);
    this.#blocked = true;
    try {
      const streams = (await this.#inTime(
        this.#blocking.xread(
          "COUNT",
          ENTRIES_PER_READ_MAX,
          "BLOCK",
          BLOCK_MS,
          "STREAMS",
          ...waiting.map((follow) => follow.key),
          ...waiting.map((follow) => follow.cursor),
        ),
      )) as Streams;
      for (const [key, entries] of streams ?? []) {
        const follow = waiting.find((follow) => follow.key === key);
        if (follow?.state === "waiting") this.#deliver(follow, entries);
      }
    } finally {
      this.#blocked = false;
    }
  }

  /** Reconnects when an answer overruns its time: the connection may be dead without anybody having said so. */
  async #inTime<T>(answer: Promise<T>): Promise<T> {
    const done = new AbortController();
    void this.#clock.sleep(BLOCK_MS + OVERRUN_MS, done.signal).then(() => {
      if (!done.signal.aborted) this.#blocking.disconnect(true);
    });
    try {
      return await answer;
    } finally {
      done.abort();
    }
  }

  /** Tells the loop that another shard waits. The blocked read is broken off, or it would only notice at its end. */
  #changed(): void {
    if (this.#change.signal.aborted) return;
    const change = this.#change;
    change.abort();
    void this.#unblock(change);
  }

  async #unblock(change: AbortController): Promise<void> {
    // Again until the loop has gone round: the first call may come before the read reached Redis.
    while (this.#blocked && this.#change === change && this.#clientId !== null) {
      try {
        await this.#commands.client("UNBLOCK", this.#clientId);
      } catch {
        // Redis is away; the blocked read ends by its own time-out.
      }
      await this.#clock.sleep(5, this.#stop.signal);
    }
  }
}

type Streams = [string, [string, string[]][]][] | null;
