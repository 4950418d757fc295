import type { Answer } from "../assistant.ts";

/**
 * What a status other than 2xx means. `later` only where the endpoint says itself that it took nothing: anything
 * else may be this message's doing, and must end in the dead letters some day.
 */
export function refusalOf(
  status: number,
  retryAfter: string,
  wallMs: number,
  waitMsMax: number,
): Answer {
  const reason = `answered ${status}`;
  const retryAfterMs = waitOf(retryAfter, wallMs, waitMsMax);
  switch (status) {
    case 429:
      return { kind: "later", reason, finding: "nothing", retryAfterMs };
    case 503:
    case 529:
      return { kind: "later", reason, finding: "failed", retryAfterMs };
    // A wrong key or an empty account is the operator's to correct: messages wait for it.
    case 401:
    case 402:
      return { kind: "later", reason, finding: "away", retryAfterMs };
  }
  const isAboutTheMessage = status >= 400 && status < 500 && ![403, 404, 408, 409].includes(status);
  if (!isAboutTheMessage) return { kind: "failed", reason };
  return {
    kind: "refused",
    text: `Sorry, the assistant did not take this message (status ${status}). Please send it in another form.`,
  };
}

/** `Retry-After`, in seconds or as a date, as milliseconds; null: none that can be read. */
function waitOf(retryAfter: string, wallMs: number, waitMsMax: number): number | null {
  if (retryAfter === "") return null;
  const ms = /^\d+(\.\d+)?$/.test(retryAfter)
    ? Number(retryAfter) * 1_000
    : Date.parse(retryAfter) - wallMs;
  return ms > 0 ? Math.min(ms, waitMsMax) : null;
}
