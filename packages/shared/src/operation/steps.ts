import type { OperationStep } from "../fleet/view.ts";

/** A step as it begins. */
export function begun(name: string, gateway: string | undefined, nowMs: number): OperationStep {
  return {
    name,
    ...(gateway !== undefined && { gateway }),
    state: "running",
    startedAt: new Date(nowMs).toISOString(),
    ms: null,
    detail: null,
  };
}

/** A step that has not begun. */
export function pending(name: string, gateway?: string): OperationStep {
  return {
    name,
    ...(gateway !== undefined && { gateway }),
    state: "pending",
    startedAt: null,
    ms: null,
    detail: null,
  };
}

/** The same step, over. */
export function ended(
  step: OperationStep,
  state: "done" | "failed" | "skipped",
  detail: string | null,
  nowMs: number,
): OperationStep {
  const ms = step.startedAt === null ? null : Math.max(0, nowMs - Date.parse(step.startedAt));
  return { ...step, state, detail, ms };
}

/** `1.2 s`, `85 ms`, `2 min 5 s`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
