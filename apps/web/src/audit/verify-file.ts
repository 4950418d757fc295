import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { ownFault, verifyChain } from "@chela/shared/audit/chain";
import type {
  AuditExportHeader,
  AuditHead,
  AuditRecord,
  AuditVerdict,
} from "@chela/shared/audit/record";
import { auditSha256 } from "../store/audit.ts";

export interface FileVerdict extends AuditVerdict {
  /** False: a selection, whose records were each looked at by themselves. */
  complete: boolean;
}

/**
 * Checks an export as JSON lines: every record's own hash, and of a complete one also that none is missing, added or
 * moved.
 * @param expected a head that is known from elsewhere; else the export's own counts.
 * @throws Error where the file is no such export.
 */
export async function verifyFile(
  path: string,
  expected: AuditHead | null = null,
): Promise<FileVerdict> {
  const lines = createInterface({
    input: createReadStream(path),
    crlfDelay: Number.POSITIVE_INFINITY,
  });
  const read = lines[Symbol.asyncIterator]();
  const header = headerOf((await read.next()).value);
  const records = (async function* () {
    for await (const line of { [Symbol.asyncIterator]: () => read }) {
      if (line !== "") yield parsed(line) as AuditRecord;
    }
  })();
  const verdict = header.complete
    ? await verifyChain(records, auditSha256, null, expected ?? header.head)
    : await verifySelection(records);
  lines.close();
  return { ...verdict, complete: header.complete };
}

async function verifySelection(records: AsyncIterable<AuditRecord>): Promise<AuditVerdict> {
  let count = 0;
  let head: AuditHead | null = null;
  for await (const record of records) {
    const place = (head?.id ?? 0) + 1;
    const fault = await ownFault(record, auditSha256, record?.id ?? place);
    const broken =
      fault ??
      (record.id < place
        ? {
            id: record.id,
            fault: "misplaced" as const,
            sentence: `Record ${record.id} stands after record ${head!.id}.`,
          }
        : null);
    if (broken !== null) return { intact: false, records: count, head, broken };
    count++;
    head = { id: record.id, hash: record.hash };
  }
  return { intact: true, records: count, head, broken: null };
}

function headerOf(line: string | undefined): AuditExportHeader {
  const header = parsed(line ?? "") as Partial<AuditExportHeader> | null;
  if (header?.export !== "chela-audit" || typeof header.complete !== "boolean") {
    throw new Error(
      "This is no export of the audit record as JSON lines: its first line is not the header.",
    );
  }
  return header as AuditExportHeader;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
