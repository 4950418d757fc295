import { EVERY_FLEET } from "@chela/shared/access/roles";
import type { AuditState } from "@chela/shared/audit/record";
import type { AuditEntry } from "../store/audit.ts";

/** What only the one who carries something out can say about it, for its record. */
export interface AuditNotes {
  fleet?: string;
  subject?: string | null;
  before?: AuditState | null;
  after?: AuditState | null;
  detail?: string | null;
  /** The operation that was begun or steered. */
  operation?: string;
}

/** How it ended. */
type Ending = { outcome: "done" } | { outcome: "refused" | "failed"; code: string; detail: string };

export interface Attempt {
  /** The procedure's name. */
  path: string;
  /** As it was sent: not checked yet. */
  input: unknown;
  actor: string;
  from: string | null;
  requestId: string | null;
  notes: AuditNotes;
  ending: Ending;
}

/** Members of inputs that name what something is done to, the closest first. */
const SUBJECTS = [
  ...["gateway", "edge", "host", "operationId", "session", "email", "userId", "tokenId"],
  ...["invitationId", "loginId", "image", "name"],
];

/** Pure: the record of one request that was to change something. There is one for each, whatever became of it. */
export function attemptEntry(attempt: Attempt): AuditEntry {
  const { path, notes, ending } = attempt;
  const input: Record<string, unknown> =
    attempt.input !== null && typeof attempt.input === "object" ? { ...attempt.input } : {};
  const textOf = (name: string) => (typeof input[name] === "string" ? input[name] : undefined);
  const kind = textOf("kind");
  const fleet = textOf("fleet") ?? notes.fleet ?? null;
  return {
    actor: attempt.actor,
    from: attempt.from,
    requestId: attempt.requestId,
    // Planned and forced are two things, though one procedure does both.
    action: path === "failover.execute" && kind !== undefined ? `failover.${kind}` : path,
    fleet: fleet === EVERY_FLEET ? null : fleet,
    subject: notes.subject ?? SUBJECTS.map(textOf).find((each) => each !== undefined) ?? null,
    reason: textOf("reason") ?? null,
    before: notes.before ?? null,
    // What was only wished for is not said to be so.
    after: ending.outcome === "done" ? afterOf(notes) : null,
    outcome: ending.outcome,
    code: ending.outcome === "done" ? null : ending.code,
    detail: ending.outcome === "done" ? (notes.detail ?? null) : ending.detail,
  };
}

function afterOf({ after, operation }: AuditNotes): AuditState | null {
  if (operation === undefined) return after ?? null;
  return { ...after, operation };
}
