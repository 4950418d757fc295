/** Event ids are `<epoch>-<n>`: compared as numbers, -1, 0 or 1. */
export function compareEventIds(a: string, b: string): number {
  const [epochA, nA] = partsOf(a);
  const [epochB, nB] = partsOf(b);
  return Math.sign(epochA - epochB || nA - nB);
}

/** Before every message. */
export const BEGINNING = "0-0";

function partsOf(id: string): [number, number] {
  const dash = id.indexOf("-");
  return [Number(id.slice(0, dash)), Number(id.slice(dash + 1))];
}
