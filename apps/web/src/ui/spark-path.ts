const PAD = 2.5;

/** Paths of a sparkline in a box of `width` by `height`; from zero up, a level line lies in the lower third. */
export function sparkPaths(
  values: readonly (number | null)[],
  width: number,
  height: number,
): { line: string; area: string } {
  const known = values.filter((v): v is number => v !== null);
  if (known.length === 0) return { line: "", area: "" };
  const low = Math.min(...known);
  const high = Math.max(...known);
  // Half of the way to zero: small changes stay visible without looking like collapses.
  const floor = high === low ? Math.min(0, low) : low - (high - low) * 0.15;
  const range = high === low ? Math.max(1e-9, Math.abs(high) * 3 || 1) : high - floor;
  const step = values.length > 1 ? width / (values.length - 1) : width;
  const x = (i: number) => round(i * step);
  const y = (v: number) => round(height - PAD - ((v - floor) / range) * (height - 2 * PAD));
  let line = "";
  let area = "";
  for (const [start, end] of runs(values)) {
    const points = values.slice(start, end).map((v, i) => `${x(start + i)} ${y(v ?? 0)}`);
    // A single point is drawn as a short level stroke.
    if (points.length === 1)
      points.push(`${round(x(start) + Math.min(step, 2))} ${y(values[start] ?? 0)}`);
    line += `M${points.join("L")}`;
    area += `M${points.join("L")}L${x(end - 1)} ${height}L${x(start)} ${height}Z`;
  }
  return { line, area };
}

/** Stretches without a gap, as [from, to). */
function runs(values: readonly (number | null)[]): [number, number][] {
  const found: [number, number][] = [];
  let start = -1;
  values.forEach((v, i) => {
    if (v !== null && start < 0) start = i;
    if (v === null && start >= 0) {
      found.push([start, i]);
      start = -1;
    }
  });
  if (start >= 0) found.push([start, values.length]);
  return found;
}

const round = (n: number) => Math.round(n * 10) / 10;
