import type { Clock } from "@chela/shared/clock/clock";
import type { Redis } from "ioredis";
import { COMMAND_TIMEOUT_MS, reasonOf } from "./redis-connection.ts";

const EVERY_MS = 500;
const EVERY_IN_TROUBLE_MS = 100;
const FAILURES_UNTIL_RECONNECT = 2;

/**
 * Pings a connection: says whether it works, and replaces it when it died silently (a Redis that hangs, a cut network).
 * Also for a subscriber, which would hear nothing any more without anybody knowing.
 */
export class RedisPulse {
  readonly #redis: Redis;
  readonly #clock: Clock;
  readonly #stop = new AbortController();
  #trouble: string | null = "not connected yet";
  #failures = 0;
  /** Why the last attempt to connect failed: a refusal, a wrong password, … */
  #refusal: string | null = null;

  constructor(redis: Redis, clock: Clock) {
    this.#redis = redis;
    this.#clock = clock;
    redis.on("error", (error) => {
      this.#refusal = reasonOf(error);
    });
    redis.on("ready", () => {
      this.#refusal = null;
    });
  }

  start(): void {
    void this.#run();
  }

  stop(): void {
    this.#stop.abort();
  }

  /** Why Redis cannot be used; null when it can. */
  trouble(): string | null {
    return this.#trouble ?? (this.#redis.status === "ready" ? null : "connection lost");
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await this.#beat();
      await this.#clock.sleep(this.#trouble === null ? EVERY_MS : EVERY_IN_TROUBLE_MS, signal);
    }
  }

  async #beat(): Promise<void> {
    try {
      await this.#answered();
      this.#trouble = null;
      this.#failures = 0;
    } catch (error) {
      this.#trouble = this.#refusal ?? reasonOf(error);
      this.#failures += 1;
      // Commands time out on a connection that calls itself ready: try a new one.
      if (this.#failures % FAILURES_UNTIL_RECONNECT === 0 && this.#redis.status === "ready") {
        this.#redis.disconnect(true);
      }
    }
  }

  /** With a limit of its own: a waiting connection has none. */
  async #answered(): Promise<void> {
    const over = new AbortController();
    const late = this.#clock.sleep(COMMAND_TIMEOUT_MS, over.signal).then(() => {
      throw new Error("Command timed out");
    });
    try {
      await Promise.race([this.#redis.ping(), late]);
    } finally {
      over.abort();
    }
  }
}
