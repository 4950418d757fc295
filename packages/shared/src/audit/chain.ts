import { canonical } from "./canonical.ts";
import type { AuditBreak, AuditHead, AuditRecord, AuditVerdict } from "./record.ts";

/** SHA-256 in hexadecimal; the browser's own answers later, Node's at once. */
export type Sha256 = (text: string) => string | Promise<string>;

/** What the first record names as the one before it. */
export const BEFORE_THE_FIRST = "0".repeat(64);

/** A record before it has its hash. */
export type UnsealedRecord = Omit<AuditRecord, "hash">;

/**
 * The text that a record's hash is over: every member but the hash. What is null is left out, so that a member that a
 * later version adds changes no earlier record's hash.
 */
export function sealedText(record: UnsealedRecord): string {
  const members = Object.entries(record).filter(
    ([name, value]) => name !== "hash" && value !== null,
  );
  return canonical(Object.fromEntries(members));
}

/**
 * Follows a chain from its first record, or from one that was found in order before.
 * @param after where the last check ended; null: from the beginning.
 * @param expected a head that is known from elsewhere (an earlier export, a log): without one nobody can tell that
 *   the newest records were cut off, or that the very last one was rewritten.
 * @returns the first break, where there is one.
 */
export async function verifyChain(
  records: Iterable<AuditRecord> | AsyncIterable<AuditRecord>,
  sha256: Sha256,
  after: AuditHead | null = null,
  expected: AuditHead | null = null,
): Promise<AuditVerdict> {
  let head = after;
  const broken = (fault: AuditBreak): AuditVerdict => ({
    intact: false,
    records: head?.id ?? 0,
    head,
    broken: fault,
  });
  for await (const record of records) {
    const fault = (await ownFault(record, sha256, (head?.id ?? 0) + 1)) ?? linkFault(record, head);
    if (fault !== null) return broken(fault);
    if (expected?.id === record.id && expected.hash !== record.hash) {
      return broken({
        id: record.id,
        fault: "changed",
        sentence: `Record ${record.id} is not the one that is known from elsewhere: its hash differs.`,
      });
    }
    head = { id: record.id, hash: record.hash };
  }
  if (expected !== null && (head?.id ?? 0) < expected.id) {
    const first = (head?.id ?? 0) + 1;
    return broken({
      id: first,
      fault: "cut",
      sentence: `Records ${first} to ${expected.id} are known to have existed and are not there.`,
    });
  }
  return { intact: true, records: head?.id ?? 0, head, broken: null };
}

/** A record by itself: are its words those that were hashed? @param place where it stands. */
export async function ownFault(
  record: unknown,
  sha256: Sha256,
  place: number,
): Promise<AuditBreak | null> {
  if (!isRecord(record)) {
    return {
      id: place,
      fault: "unreadable",
      sentence: `What stands in record ${place}'s place is no record.`,
    };
  }
  if ((await sha256(sealedText(record))) === record.hash) return null;
  return {
    id: place,
    fault: "changed",
    sentence: `Record ${place} is not what was written: its words do not fit its hash.`,
  };
}

function linkFault(record: AuditRecord, head: AuditHead | null): AuditBreak | null {
  const next = (head?.id ?? 0) + 1;
  if (record.id > next) {
    const missing =
      record.id - 1 === next ? `Record ${next} is` : `Records ${next} to ${record.id - 1} are`;
    return {
      id: next,
      fault: "missing",
      sentence: `${missing} missing before record ${record.id}.`,
    };
  }
  if (record.id < next) {
    return {
      id: next,
      fault: "misplaced",
      sentence: `Record ${record.id} stands where record ${next} belongs.`,
    };
  }
  if (record.previous === (head?.hash ?? BEFORE_THE_FIRST)) return null;
  return {
    id: record.id,
    fault: "misplaced",
    sentence:
      head === null
        ? "Record 1 is not a chain's first: it names a record before it."
        : `Record ${record.id} does not follow record ${head.id}: one of the two is not what was written.`,
  };
}

/** As much as the check itself relies on; the hash answers for the rest. */
function isRecord(value: unknown): value is AuditRecord {
  if (value === null || typeof value !== "object") return false;
  const { id, previous, hash } = value as Record<string, unknown>;
  return Number.isSafeInteger(id) && typeof previous === "string" && typeof hash === "string";
}
