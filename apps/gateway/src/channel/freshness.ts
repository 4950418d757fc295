import type { Refusal } from "@chela/shared/errors/errors";

const SKEW_MAX_MS = 5 * 60_000;

/** Whether a signed timestamp, whole seconds since 1970, is within five minutes of `nowMs`; else why not. */
export function staleness(timestamp: string, nowMs: number): Refusal | null {
  const seconds = /^\d{1,12}$/.test(timestamp) ? Number(timestamp) : Number.NaN;
  return Math.abs(seconds * 1_000 - nowMs) <= SKEW_MAX_MS ? null : { code: "timestamp-invalid" };
}
