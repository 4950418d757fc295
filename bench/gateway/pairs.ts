/** Runs two variants side by side `count` times, who is first changing each time; what drifts hits both alike. */
export async function pairs<T>(
  count: number,
  baseline: (round: number) => Promise<T>,
  variant: (round: number) => Promise<T>,
): Promise<{ baseline: T; variant: T }[]> {
  const found: { baseline: T; variant: T }[] = [];
  for (let round = 0; round < count; round++) {
    if (round % 2 === 0) {
      const first = await baseline(round);
      found.push({ baseline: first, variant: await variant(round) });
    } else {
      const first = await variant(round);
      found.push({ variant: first, baseline: await baseline(round) });
    }
  }
  return found;
}
