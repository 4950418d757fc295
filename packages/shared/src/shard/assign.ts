import { murmur3 } from "./murmur3.ts";

export interface WeightedMember {
  readonly name: string;
  /** Share relative to the others; at least 1. */
  readonly weight: number;
}

/**
 * Which member owns which shard: result[shard] = name; empty when nobody is there.
 *
 * Weighted rendezvous ("highest random weight", Thaler and Ravishankar 1996; weights after Schindelhauer and
 * Schomaker 2005): for each shard the highest score wins, and a score depends on that member and shard alone. So
 * when one joins it only takes, when one leaves only its shards move, and nobody needs to agree on more than the
 * list of members.
 */
export function assign(shards: number, members: readonly WeightedMember[]): string[] {
  if (members.length === 0) return [];
  return Array.from({ length: shards }, (_, shard) => ownerOf(shard, members));
}

function ownerOf(shard: number, members: readonly WeightedMember[]): string {
  let best = "";
  let bestScore = Number.NEGATIVE_INFINITY;
  for (const { name, weight } of members) {
    // In (0, 1), never at an end, so that the logarithm is finite and not 0.
    const draw = (murmur3(`${shard}:${name}`) + 0.5) / 2 ** 32;
    const score = -weight / Math.log(draw);
    if (score > bestScore || (score === bestScore && name < best)) {
      best = name;
      bestScore = score;
    }
  }
  return best;
}
