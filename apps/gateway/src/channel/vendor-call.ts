import type { Sent } from "./channel.ts";

const TIMEOUT_MS = 10_000;
/** Vendors answer with a few hundred bytes; whoever stands in their place may answer without end. */
const ANSWER_BYTES_MAX = 64 * 1_024;
/** A longer wait than this is asked again after it. */
const RETRY_AFTER_MAX_MS = 3_600_000;
const DETAIL_CHARACTERS_MAX = 300;

export interface VendorRequest {
  /** As it stands in reasons, for the operator: "Slack". */
  readonly vendor: string;
  readonly method: "POST" | "PATCH";
  /** May hold a secret: it never enters a reason. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: object;
  readonly timeoutMs?: number;
}

export interface VendorAnswer {
  readonly status: number;
  /** Null: it was no JSON object, or too large. */
  readonly json: Readonly<Record<string, unknown>> | null;
  /** From the Retry-After header, seconds or date. */
  readonly retryAfterMs: number | null;
}

/**
 * One call to a vendor's HTTP API, JSON in, JSON out; never throws, follows no redirection (it would carry the token
 * elsewhere). `judge` says what an answer means; null, the usual: 2xx sent, 502 and 504 nobody knows (something between
 * us and the vendor gave up waiting), anything else is tried again later, so that only what a channel names as final is.
 */
export async function callVendor(
  request: VendorRequest,
  judge: (answer: VendorAnswer) => Sent | null,
  signal: AbortSignal,
): Promise<Sent> {
  const { vendor, method, url, headers, body, timeoutMs = TIMEOUT_MS } = request;
  let answer: VendorAnswer;
  try {
    const response = await fetch(url, {
      method,
      headers: { "content-type": "application/json; charset=utf-8", ...headers },
      body: JSON.stringify(body),
      redirect: "manual",
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    answer = {
      status: response.status,
      json: await boundedJson(response),
      retryAfterMs: retryAfterOf(response.headers),
    };
  } catch (error) {
    return neverSent(error)
      ? { kind: "later", reason: `${vendor} cannot be reached`, retryAfterMs: null }
      : { kind: "unknown", reason: `${vendor} gave no answer` };
  }
  return judge(answer) ?? usually(vendor, answer);
}

/** `Slack answered 400: the vendor's own words`. */
export function reasonOf(vendor: string, { status }: VendorAnswer, detail: unknown): string {
  const words = typeof detail === "string" && detail !== "" ? detail : "no reason given";
  return `${vendor} answered ${status}: ${words.slice(0, DETAIL_CHARACTERS_MAX).toWellFormed()}`;
}

/** Seconds as a vendor writes them, as ms that may be waited; null where they are none, or none at all. */
export function waitOf(seconds: number | null): number | null {
  if (seconds === null || !(seconds > 0)) return null;
  return Math.min(Math.ceil(seconds * 1_000), RETRY_AFTER_MAX_MS);
}

function usually(vendor: string, answer: VendorAnswer): Sent {
  const { status, json, retryAfterMs } = answer;
  if (status >= 200 && status < 300) return { kind: "sent" };
  const reason = reasonOf(vendor, answer, json?.["message"] ?? json?.["description"]);
  if (status === 502 || status === 504) return { kind: "unknown", reason };
  return { kind: "later", reason, retryAfterMs };
}

/** At most so many bytes are read; the rest is left where it is. */
async function boundedJson(response: Response): Promise<Record<string, unknown> | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > ANSWER_BYTES_MAX) return null;
    chunks.push(chunk);
  }
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString("utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

function retryAfterOf(headers: Headers): number | null {
  const value = headers.get("retry-after");
  if (value === null) return null;
  if (/^\d{1,9}(\.\d{1,9})?$/.test(value)) return waitOf(Number(value));
  // A date is the vendor's: measured against the vendor's own clock, not ours.
  if (!/^[A-Z][a-z]{2,8}, /.test(value)) return null;
  return waitOf((Date.parse(value) - Date.parse(headers.get("date") ?? "")) / 1_000);
}

const NEVER_SENT =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT|CERT_.*|ERR_TLS_.*|.*SELF_SIGNED_CERT.*|UNABLE_TO_.*)$/;

/** Whether no connection came about at all, so that the vendor has certainly not seen it. */
function neverSent(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return NEVER_SENT.test(code);
}
