import { murmur3 } from "./murmur3.ts";

/** The shard of a session: the same on every machine, in every process, for the fleet's life. 0 ≤ shard < shards. */
export const shardOf = (sessionKey: string, shards: number): number => murmur3(sessionKey) % shards;
