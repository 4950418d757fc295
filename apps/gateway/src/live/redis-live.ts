import { shardKeys } from "@chela/shared/keys/keys";
import { shardOf } from "@chela/shared/shard/shard-of";
import type { Redis } from "ioredis";
import type { Follower, LiveWord } from "./word.ts";

export interface RedisLiveDeps {
  /** A waiting connection of its own: it is in subscriber mode as soon as somebody follows. */
  readonly subscriber: Redis;
  /** For publishing. */
  readonly commands: Redis;
  readonly prefix: string;
  readonly fleet: string;
  /** The fleet's number of shards; null while unknown. */
  readonly shards: () => number | null;
}

interface Channel {
  /** Lists: nearly all sessions have one follower, and thousands of sets take a lot of room. */
  readonly sessions: Map<string, readonly Follower[]>;
  /** Resolves when Redis has confirmed it, on the connection of the moment. */
  subscribed: Promise<unknown>;
}

/**
 * The live channels in Redis: one per shard, subscribed while somebody here follows a session of it. Pub/sub keeps
 * nothing: who must not miss a message reads the history too (session-feed.ts).
 */
export class RedisLive {
  readonly #deps: RedisLiveDeps;
  readonly #channels = new Map<string, Channel>();

  constructor(deps: RedisLiveDeps) {
    this.#deps = deps;
    deps.subscriber.on("message", (channel, text) => this.#hear(channel, text));
    deps.subscriber.on("ready", () => void this.#again());
  }

  /**
   * Follows a session from now on; resolves once Redis has confirmed it. Throws when Redis does not.
   * @returns what ends it.
   */
  async follow(sessionKey: string, follower: Follower): Promise<() => void> {
    const { subscriber, shards } = this.#deps;
    const count = shards();
    if (count === null) throw new Error("the fleet is not known yet");
    const channel = this.#channelOf(shardOf(sessionKey, count));
    let heard = this.#channels.get(channel);
    if (heard === undefined) {
      heard = { sessions: new Map(), subscribed: subscriber.subscribe(channel) };
      this.#channels.set(channel, heard);
    }
    heard.sessions.set(sessionKey, [...(heard.sessions.get(sessionKey) ?? []), follower]);
    const stop = () => this.#leave(channel, sessionKey, follower);
    try {
      await heard.subscribed;
    } catch (error) {
      stop();
      throw error;
    }
    return stop;
  }

  /** A hint to whoever follows: a lost one costs a piece of text on its way, never a message. */
  publish(shard: number, word: LiveWord): Promise<unknown> {
    return this.#deps.commands.publish(this.#channelOf(shard), JSON.stringify(word));
  }

  #channelOf(shard: number): string {
    return shardKeys(this.#deps.prefix, this.#deps.fleet, shard).live;
  }

  #leave(channel: string, sessionKey: string, follower: Follower): void {
    const sessions = this.#channels.get(channel)?.sessions;
    const others = sessions?.get(sessionKey)?.filter((each) => each !== follower);
    if (sessions === undefined || others === undefined) return;
    if (others.length > 0) sessions.set(sessionKey, others);
    else sessions.delete(sessionKey);
    if (sessions.size > 0) return;
    this.#channels.delete(channel);
    this.#deps.subscriber.unsubscribe(channel).catch(() => {
      // Redis is away: with the connection the subscription ends too.
    });
  }

  #hear(channel: string, text: string): void {
    const heard = this.#channels.get(channel);
    if (heard === undefined) return;
    const word = JSON.parse(text) as LiveWord;
    for (const follower of heard.sessions.get(word.session) ?? []) follower.onWord(word);
  }

  /** A new connection knows no subscriptions and has missed what was said meanwhile. */
  async #again(): Promise<void> {
    if (this.#channels.size === 0) return;
    const subscribed = this.#deps.subscriber.subscribe(...this.#channels.keys());
    const again = [...this.#channels.values()];
    for (const channel of again) channel.subscribed = subscribed;
    try {
      await subscribed;
    } catch {
      // Away again: the next connection brings us back here.
      return;
    }
    for (const { sessions } of again) {
      for (const followers of sessions.values()) {
        for (const follower of followers) follower.onGap();
      }
    }
  }
}
