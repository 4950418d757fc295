import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Redis } from "ioredis";
import type { Mutation } from "./mutation.ts";

const SOURCE = new URL("..", import.meta.url).pathname;
/** Where scripts find the time: a simulation has its own. */
const TIME = "simulation:time";

/** How a mutation changes a script's text: what is cut out of it, or put in its place. */
interface Edit {
  readonly script: string;
  readonly was: string;
  readonly becomes: string;
}

const HOLDS = "if lease[1] ~= ARGV[1] or lease[2] ~= ARGV[2] or lease[3] ~= ARGV[3] then";
const EDITS: Partial<Record<Mutation, Edit>> = {
  "commit-unfenced": { script: "commit", was: HOLDS, becomes: "if false then" },
  "release-unfenced": { script: "release", was: HOLDS, becomes: "if false then" },
  "renew-unfenced": { script: "renew", was: HOLDS, becomes: "if not lease[1] then" },
  "acquire-uncompared": {
    script: "acquire",
    was: "if lease[i] ~= ARGV[4 + i] then",
    becomes: "if false then",
  },
  "ingest-undeduped": { script: "ingest", was: "if seen == 1 then", becomes: "if false then" },
  "marked-before-stored": {
    script: "ingest",
    was: "local id = redis.pcall('XADD'",
    becomes: "redis.pcall('SET', dedupe, '0-0', 'PX', ttlMs)\n  local id = redis.pcall('XADD'",
  },
  "attempts-uncounted": {
    script: "begin",
    was: "return redis.call('HINCRBY', KEYS[3], ARGV[4], 1)",
    becomes: "return 1",
  },
  "claim-replaced": { script: "claim", was: "'HSETNX'", becomes: "'HSET'" },
};
/** The mutations that scripts can have. */
export const SCRIPT_MUTATIONS = Object.keys(EDITS) as Mutation[];

/**
 * The same connection, on which the gateway's scripts run as they stand in their files, but for the time, which is
 * `nowMs`, and for a mutation.
 */
export function scriptedRedis(redis: Redis, nowMs: () => number, mutation: Mutation | null): Redis {
  const texts = new Map(
    readdirSync(SOURCE, { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".lua"))
      .map((path) => [path, readFileSync(join(SOURCE, path), "utf8")] as const)
      .map(([path, text]) => [sha1(text), changed(path, text, mutation)] as const),
  );
  const evalsha = async (sha: string, ...rest: (string | number)[]) => {
    const text = texts.get(sha);
    if (text === undefined) throw new Error("This script stands in no file of the gateway's.");
    const seconds = Math.floor(nowMs() / 1_000);
    const micros = Math.floor((nowMs() - seconds * 1_000) * 1_000);
    const [, answer] = await Promise.all([
      redis.hset(TIME, { seconds, micros }),
      redis.call("EVAL", text, ...rest),
    ]);
    return answer;
  };
  return new Proxy(redis, {
    get(target, name) {
      if (name === "evalsha") return evalsha;
      const value = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

function changed(path: string, text: string, mutation: Mutation | null): string {
  const timed = text.replaceAll(
    "redis.call('TIME')",
    `redis.call('HMGET', '${TIME}', 'seconds', 'micros')`,
  );
  const edit = mutation === null ? undefined : EDITS[mutation];
  if (edit === undefined || !path.endsWith(`/${edit.script}.lua`)) return timed;
  if (!timed.includes(edit.was)) throw new Error(`${path} does not say: ${edit.was}`);
  return timed.replace(edit.was, edit.becomes);
}

const sha1 = (text: string) => createHash("sha1").update(text).digest("hex");
