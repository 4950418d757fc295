import type { Redis } from "ioredis";

/** One connection that listens to the wake channels of every fleet: gateways say there that something changed. */
export class RedisWakes {
  readonly #redis: Redis;
  readonly #listeners = new Map<string, () => void>();

  /** @param redis a connection of its own: one that subscribes can do nothing else. */
  constructor(redis: Redis) {
    this.#redis = redis;
    redis.on("ready", () => this.#subscribe([...this.#listeners.keys()]));
    redis.on("message", (channel) => this.#listeners.get(channel)?.());
  }

  listen(channel: string, onWake: () => void): void {
    this.#listeners.set(channel, onWake);
    if (this.#redis.status === "ready") this.#subscribe([channel]);
  }

  ignore(channel: string): void {
    this.#listeners.delete(channel);
    if (this.#redis.status === "ready") this.#redis.unsubscribe(channel).catch(endedMeanwhile);
  }

  #subscribe(channels: string[]): void {
    if (channels.length > 0) this.#redis.subscribe(...channels).catch(endedMeanwhile);
  }
}

/** "ready" comes back. */
function endedMeanwhile(): void {}
