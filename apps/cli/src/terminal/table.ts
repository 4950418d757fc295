import { stripVTControlCharacters } from "node:util";
import type { Style } from "./style.ts";

export interface Column<Row> {
  title: string;
  /** What stands there; empty: nothing. */
  of(row: Row): string;
  right?: boolean;
}

const GAP = "  ";
const width = (text: string): number => [...stripVTControlCharacters(text)].length;

/** Pure: rows as lines below their titles. A column that is empty in every row is left out. */
export function table<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  style: Style,
): string[] {
  const filled = columns
    .map((column) => ({ ...column, cells: rows.map((row) => column.of(row)) }))
    .filter(({ cells }) => cells.some((cell) => cell !== ""));
  const widths = filled.map(({ title, cells }) => Math.max(...[title, ...cells].map(width)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, at) => {
        const space = " ".repeat(widths[at]! - width(cell));
        return filled[at]!.right ? space + cell : cell + space;
      })
      .join(GAP)
      .trimEnd();
  if (filled.length === 0) return [];
  return [
    style("quiet", line(filled.map(({ title }) => title))),
    ...rows.map((_, row) => line(filled.map(({ cells }) => cells[row]!))),
  ];
}
