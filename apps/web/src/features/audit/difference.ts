import type { AuditState } from "@chela/shared/audit/record";

/** One member of what was changed. */
export interface Change {
  name: string;
  before: string | null;
  after: string | null;
  kind: "added" | "removed" | "changed" | "same";
}

/** Pure: before and after side by side, what changed first. */
export function difference(before: AuditState | null, after: AuditState | null): Change[] {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  const changes = names.map((name): Change => {
    const [old, now] = [textOf(before?.[name]), textOf(after?.[name])];
    if (old === now) return { name, before: old, after: now, kind: "same" };
    const kind = old === null ? "added" : now === null ? "removed" : "changed";
    return { name, before: old, after: now, kind };
  });
  return [
    ...changes.filter(({ kind }) => kind !== "same"),
    ...changes.filter(({ kind }) => kind === "same"),
  ];
}

const textOf = (value: AuditState[string] | undefined): string | null =>
  value === undefined ? null : value === null ? "none" : String(value);
