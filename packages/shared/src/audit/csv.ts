import { canonical } from "./canonical.ts";
import type { AuditRecord } from "./record.ts";

const COLUMNS = [
  "id",
  "at",
  "actor",
  "from",
  "action",
  "fleet",
  "subject",
  "reason",
  "before",
  "after",
  "outcome",
  "code",
  "detail",
  "requestId",
  "previous",
  "hash",
] as const satisfies readonly (keyof AuditRecord)[];

export const csvHeader = (): string => csvLine(COLUMNS);

export const csvRecord = (record: AuditRecord): string =>
  csvLine(
    COLUMNS.map((name) => {
      const value = record[name];
      if (value === null) return "";
      return typeof value === "object" ? canonical(value) : String(value);
    }),
  );

/** One line of RFC 4180. */
export const csvLine = (cells: readonly string[]): string => `${cells.map(cell).join(",")}\r\n`;

/** What a spreadsheet would take for a formula gets an apostrophe in front, and so stays text. */
function cell(text: string): string {
  const safe = /^\s*[=+\-@]|^[\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
