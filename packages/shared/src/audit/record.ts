/** One thing that somebody did, or tried to do. Plain types: the browser imports this file. */
export interface AuditRecord {
  /** Its place in the chain, from 1, without gaps. */
  id: number;
  at: string;
  actor: string;
  /** Address the request came from; null when Chela acted by itself. */
  from: string | null;
  /** What was asked for: the procedure's name, or e.g. `login`. */
  action: string;
  fleet: string | null;
  /** What it was done to: a gateway, host, operation, person … */
  subject: string | null;
  /** As whoever asked gave it. */
  reason: string | null;
  before: AuditState | null;
  after: AuditState | null;
  /** `refused`: Chela said no; `failed`: Chela could not. */
  outcome: "done" | "refused" | "failed";
  /** Stable code of a refusal. */
  code: string | null;
  detail: string | null;
  requestId: string | null;
  /** Hash of the record before; 64 zeros for the first. */
  previous: string;
  /** SHA-256 over all of the above, see docs/OPERATIONS.md. */
  hash: string;
}

/** What was changed, as it stood: few, flat members. */
export type AuditState = Record<string, string | number | boolean | null>;

/** The newest record of a chain. */
export interface AuditHead {
  id: number;
  hash: string;
}

/** What checking a chain found. */
export interface AuditVerdict {
  intact: boolean;
  /** Records found in order, from the first one. */
  records: number;
  /** The last of them. */
  head: AuditHead | null;
  /** The first record that is not what it was, or not where it was. */
  broken: AuditBreak | null;
}

/** What the console's own check found. */
export interface AuditCheck extends AuditVerdict {
  checkedAt: string;
  /** When the whole chain was last followed; since then only what was added. */
  wholeAt: string;
}

export interface AuditBreak {
  /** Place in the chain at which it breaks. */
  id: number;
  fault: "changed" | "missing" | "misplaced" | "unreadable" | "cut";
  /** What that means. */
  sentence: string;
}

/** A part of an export, as the control API answers it. */
export interface AuditExportPage {
  /** JSON lines or CSV; the parts one after the other are the whole. */
  text: string;
  records: number;
  head: AuditHead | null;
  nextCursor: string | null;
}

/** First line of an export as JSON lines. */
export interface AuditExportHeader {
  export: "chela-audit";
  exportedAt: string;
  /** All records, so that the chain can be followed; a selection has its records' own hashes only. */
  complete: boolean;
  head: AuditHead | null;
}
