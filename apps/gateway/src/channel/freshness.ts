import type { IncomingHttpHeaders } from "node:http";
import type { Refusal } from "@chela/shared/errors/errors";
import { headerOf } from "./channel.ts";

const SKEW_MAX_MS = 5 * 60_000;

/**
 * Whether all that proves the sender is there, and was signed within five minutes of `nowMs`; else why not.
 * `timestamp`: name of the header with whole seconds since 1970; `others`: the rest of the proof.
 */
export function proofMissing(
  headers: IncomingHttpHeaders,
  timestamp: string,
  others: readonly string[],
  nowMs: number,
): Refusal | null {
  const complete = [timestamp, ...others].every((name) => headerOf(headers, name) !== "");
  if (!complete) return { code: "signature-missing" };
  const text = headerOf(headers, timestamp);
  const seconds = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
  return Math.abs(seconds * 1_000 - nowMs) <= SKEW_MAX_MS ? null : { code: "timestamp-invalid" };
}
