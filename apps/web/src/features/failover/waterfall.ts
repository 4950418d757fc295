/** Pure: steps one after another as bars on one scale, in percent. */
export interface Bar {
  left: number;
  width: number;
}

/** @param lengths in ms, in order; what is not known takes no room. */
export function waterfall(lengths: readonly (number | null)[]): Bar[] {
  const total = lengths.reduce<number>((sum, ms) => sum + (ms ?? 0), 0);
  if (total <= 0) return lengths.map(() => ({ left: 0, width: 0 }));
  let passed = 0;
  return lengths.map((ms) => {
    const bar = { left: (passed / total) * 100, width: ((ms ?? 0) / total) * 100 };
    passed += ms ?? 0;
    return bar;
  });
}
