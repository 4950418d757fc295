/** What nginx says for itself. Pure. */
const LEVEL = /\[(emerg|alert|crit|error)\] \d+#\d+: (.*)$/;

/** nginx's own complaint in an output of several lines, without time and process numbers; null: none. */
export function complaint(output: string): string | null {
  const found = output
    .split("\n")
    .map((line) => LEVEL.exec(line)?.[2] ?? /^nginx: \[emerg\] (.*)$/.exec(line)?.[1])
    .filter((line) => line !== undefined);
  return found.length === 0 ? null : [...new Set(found)].join("; ");
}

export type ReloadOutcome = { taken: true } | { taken: false; message: string };

/** A reload as it shows in nginx's log. */
export interface ReloadProgress {
  readonly started: number;
  readonly leaving: number;
  readonly refusal: string | null;
}
export const NO_PROGRESS: ReloadProgress = { started: 0, leaving: 0, refusal: null };

export function readReload(before: ReloadProgress, line: string): ReloadProgress {
  if (/\[emerg\]/.test(line)) return { ...before, refusal: complaint(line) ?? line };
  if (/\[notice\] .* start worker process /.test(line)) {
    return { ...before, started: before.started + 1 };
  }
  if (/\[notice\] .* gracefully shutting down/.test(line)) {
    return { ...before, leaving: before.leaving + 1 };
  }
  return before;
}

/**
 * Null: not decided yet. New workers are not enough: until as many old ones have stopped listening, one of them may
 * answer the probe that is to prove the new configuration.
 */
export function reloadOutcome(progress: ReloadProgress): ReloadOutcome | null {
  if (progress.refusal !== null) return { taken: false, message: progress.refusal };
  return progress.started > 0 && progress.leaving >= progress.started ? { taken: true } : null;
}
