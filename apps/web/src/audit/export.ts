import { csvHeader, csvRecord } from "@chela/shared/audit/csv";
import type {
  AuditExportHeader,
  AuditExportPage,
  AuditHead,
  AuditRecord,
} from "@chela/shared/audit/record";
import type { AuditFilter, AuditStore } from "../store/audit.ts";

export type ExportFormat = "jsonl" | "csv";

const PAGE = 500;

/**
 * Records as they stood when it was asked for, oldest first, a page at a time. As JSON lines they come with a header
 * and can be checked by `verify.ts`; CSV is for reading.
 */
export async function* exportedText(
  store: AuditStore,
  filter: AuditFilter,
  format: ExportFormat,
  nowMs: number,
): AsyncGenerator<string> {
  const head = await store.head();
  yield beginning(format, filter, head, nowMs);
  for (let id = 0; ; ) {
    const page = upTo(head, await store.after(id, PAGE, filter));
    if (page.length === 0) return;
    yield page.map((record) => lineOf(record, format)).join("");
    id = page.at(-1)!.id;
  }
}

/** The same in parts, for the control API. @param cursor of the part before. */
export async function exportedPage(
  store: AuditStore,
  filter: AuditFilter,
  request: { format: ExportFormat; cursor?: string | undefined; limit: number },
  nowMs: number,
): Promise<AuditExportPage> {
  const { format, cursor, limit } = request;
  const head = await store.head();
  const page = upTo(head, await store.after(Number(cursor ?? 0), limit + 1, filter));
  const records = page.slice(0, limit);
  const lines = records.map((record) => lineOf(record, format)).join("");
  return {
    text: cursor === undefined ? beginning(format, filter, head, nowMs) + lines : lines,
    records: records.length,
    head,
    nextCursor: page.length > limit ? String(records.at(-1)!.id) : null,
  };
}

function beginning(
  format: ExportFormat,
  filter: AuditFilter,
  head: AuditHead | null,
  nowMs: number,
): string {
  if (format === "csv") return csvHeader();
  const header: AuditExportHeader = {
    export: "chela-audit",
    exportedAt: new Date(nowMs).toISOString(),
    complete: Object.values(filter).every((each) => each === undefined),
    head,
  };
  return `${JSON.stringify(header)}\n`;
}

const lineOf = (record: AuditRecord, format: ExportFormat): string =>
  format === "csv" ? csvRecord(record) : `${JSON.stringify(record)}\n`;

const upTo = (head: AuditHead | null, records: readonly AuditRecord[]): AuditRecord[] =>
  records.filter(({ id }) => id <= (head?.id ?? 0));
