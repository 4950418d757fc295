import { murmur3 } from "./murmur3.ts";

/**
 * The shards that a canary of so many percent gets, rounded up. The same ones for everybody who asks, and a larger
 * canary has those of a smaller one and some more, so that raising the share moves nothing back.
 */
export function canaryShards(shards: number, percent: number): ReadonlySet<number> {
  const count = Math.min(shards, Math.ceil((percent * shards) / 100));
  if (count === 0) return NONE;
  const byHash = Array.from({ length: shards }, (_, shard) => shard)
    .map((shard) => ({ shard, hash: murmur3(`canary:${shard}`) }))
    .sort((a, b) => a.hash - b.hash || a.shard - b.shard);
  return new Set(byHash.slice(0, count).map(({ shard }) => shard));
}

const NONE: ReadonlySet<number> = new Set();
