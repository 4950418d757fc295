/** What one measure found, as a row of the table and an entry of the JSON line. */
export interface Row {
  readonly measure: string;
  /** What was compared with what, or counted. */
  readonly what: string;
  readonly unit: string;
  /** One value per pair or repetition. */
  readonly values: readonly number[];
  /** Null: for information, nothing is promised. */
  readonly target: { readonly kind: "at least" | "at most"; readonly value: number } | null;
  readonly note?: string;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function isMet({ target, values }: Row): boolean | null {
  if (target === null) return null;
  const value = median(values);
  return target.kind === "at least" ? value >= target.value : value <= target.value;
}

const text = (value: number) =>
  Math.abs(value) >= 1_000 ? value.toFixed(0) : String(Number(value.toPrecision(3)));

const COLUMNS = [12, 62, 12, 34];

export function heading(): string {
  return line(["measure", "what", "target", "median (least … most), n"]);
}

export function rowText(row: Row): string {
  const { measure, what, unit, values, target, note } = row;
  const verdict = { true: " ✓", false: " ✗ missed", null: "" }[String(isMet(row))];
  const wanted = target === null ? "" : `${target.kind === "at least" ? "≥" : "≤"} ${target.value}`;
  const range = `${text(Math.min(...values))} … ${text(Math.max(...values))}`;
  const found = `${text(median(values))}${unit} (${range}), ${values.length}${verdict}`;
  const first = line([measure, what, wanted, found]);
  return note === undefined ? first : `${first}\n${" ".repeat(COLUMNS[0]! + 1)}${note}`;
}

export function jsonLine(rows: readonly Row[], about: object): string {
  const measures = rows.map((row) => ({
    measure: row.measure,
    what: row.what,
    unit: row.unit,
    median: median(row.values),
    values: row.values.map((value) => Number(value.toPrecision(4))),
    target: row.target === null ? null : `${row.target.kind} ${row.target.value}`,
    met: isMet(row),
  }));
  return JSON.stringify({ bench: "gateway", ...about, measures });
}

function line(cells: string[]): string {
  return cells
    .map((cell, index) => cell.padEnd(COLUMNS[index]!))
    .join(" ")
    .trimEnd();
}
