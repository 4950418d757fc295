import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { ChainableCommander, Redis } from "ioredis";

export type ScriptArgument = string | number;

/** A Lua script in its own file: sent by its hash, in full only when Redis does not know it yet. */
export class Script {
  readonly #lua: string;
  readonly #sha: string;

  /** `file`: the script's URL, beside its caller: `new URL("./lua/commit.lua", import.meta.url)`. */
  constructor(file: URL) {
    this.#lua = readFileSync(file, "utf8");
    this.#sha = createHash("sha1").update(this.#lua).digest("hex");
  }

  async run(
    redis: Redis,
    keys: readonly string[],
    args: readonly ScriptArgument[],
  ): Promise<unknown> {
    try {
      return await redis.evalsha(this.#sha, keys.length, ...keys, ...args);
    } catch (error) {
      // Nothing of it ran, so sending it again is safe. Every other failure is the caller's.
      if (!isUnknownScript(error)) throw error;
      return redis.eval(this.#lua, keys.length, ...keys, ...args);
    }
  }

  /** As one command of a batch. `inFull`: with its text, after Redis answered that it does not know it. */
  addTo(
    batch: ChainableCommander,
    keys: readonly string[],
    args: readonly ScriptArgument[],
    inFull: boolean,
  ): void {
    if (inFull) batch.eval(this.#lua, keys.length, ...keys, ...args);
    else batch.evalsha(this.#sha, keys.length, ...keys, ...args);
  }
}

export function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("NOSCRIPT");
}
