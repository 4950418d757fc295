/** Gateways' published ports come from here; below the range that Linux hands out by itself. */
const FIRST = 20_000;
const LAST = 29_999;

/** Where a fleet begins to look, so that fleets side by side on one engine do not compete for the same ports. */
export function firstPort(fleet: string): number {
  let hash = 0;
  for (const character of fleet) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 400;
  return FIRST + hash * 25;
}

/** The ports to try, in order; none that is promised already. */
export function* portCandidates(fleet: string, promised: ReadonlySet<number>): Generator<number> {
  const start = firstPort(fleet);
  const size = LAST - FIRST + 1;
  for (let step = 0; step < size; step++) {
    const port = FIRST + ((start - FIRST + step) % size);
    if (!promised.has(port)) yield port;
  }
}
