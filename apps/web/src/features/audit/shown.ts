/** Pure: what of the record is shown, as it stands in the page's address. */
export interface Shown {
  text: string;
  actor: string | null;
  /** An action or a kind of them: `rollouts.` */
  action: string | null;
  outcome: "done" | "refused" | "failed" | null;
  when: When | null;
  /** Only what was done to the fleet on the screen. */
  here: boolean;
}

export const WHENS = {
  "1h": ["the last hour", 3_600_000],
  "24h": ["24 hours", 86_400_000],
  "7d": ["7 days", 7 * 86_400_000],
  "30d": ["30 days", 30 * 86_400_000],
} as const;
type When = keyof typeof WHENS;

export const OUTCOMES = { done: "done", refused: "refused", failed: "failed" } as const;

export function shownIn(query: URLSearchParams): Shown {
  const when = query.get("when");
  const outcome = query.get("outcome");
  return {
    text: query.get("q") ?? "",
    actor: query.get("who"),
    action: query.get("what"),
    outcome: outcome !== null && outcome in OUTCOMES ? (outcome as keyof typeof OUTCOMES) : null,
    when: when !== null && when in WHENS ? (when as When) : null,
    here: query.get("where") === "here",
  };
}

export const isFiltered = ({ here, ...rest }: Shown): boolean =>
  here || Object.values(rest).some((each) => each !== null && each !== "");

/** As the API takes it. @param nowMs from which `when` counts back. */
export function filterOf(shown: Shown, fleet: string, nowMs: number) {
  const { text, actor, action, outcome, when, here } = shown;
  return {
    ...(here && { fleet }),
    ...(text !== "" && { text }),
    ...(actor !== null && { actor }),
    ...(action !== null && { action }),
    ...(outcome !== null && { outcome }),
    ...(when !== null && { since: new Date(nowMs - WHENS[when][1]).toISOString() }),
  };
}

/** Where a browser downloads what is shown. */
export function exportHref(
  format: "jsonl" | "csv",
  filter: Readonly<Record<string, string>>,
): string {
  return `/api/audit/export?${new URLSearchParams({ format, ...filter })}`;
}
