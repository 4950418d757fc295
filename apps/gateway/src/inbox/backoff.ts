const FIRST_MS = 100;
const MAX_MS = 5_000;

/** How long to wait before the next try, `tries` counted from 0: doubling, bounded. */
export function backoffMs(tries: number): number {
  return Math.min(FIRST_MS * 2 ** Math.min(tries, 10), MAX_MS);
}
