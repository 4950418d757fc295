import type { Move } from "./schema.ts";

/**
 * Anti-flap. A shard that has moved away from a live holder again and again, without anybody having ordered it, stays
 * where it is until an operator has looked: something is wrong that moving does not mend. Only such moves count and
 * only such moves are held back; a free lease is taken as ever.
 */

/** So many moves within the window, and the next is held back. */
export const FLAP_MOVES_MAX = 5;
export const FLAP_WINDOW_MS = 5 * 60_000;
/** So many are remembered with a shard. */
export const MOVES_KEPT = 8;

export interface FlapTimes {
  readonly flapMovesMax: number;
  readonly flapWindowMs: number;
}

/**
 * @param moves the shard's, oldest first.
 * @param acknowledged generation by which an operator has acknowledged what was before it.
 * Once so, it stays so: with no move added, the last ones stay as close together as they are.
 */
export function isFlapping(
  moves: readonly Move[],
  acknowledged: number,
  { flapMovesMax, flapWindowMs }: FlapTimes,
): boolean {
  const counted = moves.filter(({ generation }) => generation >= acknowledged).slice(-flapMovesMax);
  if (counted.length < flapMovesMax) return false;
  return counted.at(-1)!.atMs - counted[0]!.atMs <= flapWindowMs;
}

/** As release.lua writes them: `<Redis time, ms>:<generation>`, comma-separated. What cannot be read is left out. */
export function movesFrom(text: string | undefined): Move[] {
  return (text ?? "").split(",").flatMap((part) => {
    const [, atMs, generation] = /^(\d+):(\d+)$/.exec(part) ?? [];
    return atMs === undefined ? [] : [{ atMs: Number(atMs), generation: Number(generation) }];
  });
}
