import { z } from "zod";
import { shownFleets } from "../server/routers/input.ts";
import type { AuditFilter } from "../store/audit.ts";

const TEXT_CHARS_MAX = 256;
const text = z.string().min(1).max(TEXT_CHARS_MAX);
const time = z.iso.datetime({ offset: true });

/** What one can ask the record for. */
export const auditFilterInput = z.object({
  fleet: z.string().max(64).optional(),
  actor: text.optional(),
  /** An action, or a kind of them: `rollouts.` */
  action: text.optional(),
  outcome: z.enum(["done", "refused", "failed"]).optional(),
  since: time.optional(),
  until: time.optional(),
  text: text.optional(),
});
export const exportFormatInput = z.enum(["jsonl", "csv"]);

/** @param seen fleets whose records one may see. */
export function filterOf(
  input: z.infer<typeof auditFilterInput>,
  seen: "every" | readonly string[],
): AuditFilter {
  const { fleet, since, until, actor, action, outcome, text } = input;
  return {
    fleets: shownFleets(seen, fleet),
    actor,
    action,
    outcome,
    text,
    sinceMs: since === undefined ? undefined : Date.parse(since),
    untilMs: until === undefined ? undefined : Date.parse(until),
  };
}
