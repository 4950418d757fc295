const FIRST_MS = 250;
const LONGEST_MS = 15_000;

/** How long to wait before the next try, after so many that failed: doubling, half of it by chance (`random`: 0 to 1). */
export function backoffMs(failures: number, random: number): number {
  const fullMs = Math.min(FIRST_MS * 2 ** failures, LONGEST_MS);
  return Math.round(fullMs * (0.5 + 0.5 * random));
}
