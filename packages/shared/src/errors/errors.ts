/**
 * Every error an outsider can meet: a stable code, its HTTP status, whether sending the same request
 * again can help, and a sentence that says what to do. The wire carries codes; sentences are made here.
 */
interface ErrorKind {
  readonly status: number;
  readonly retryable: boolean;
  readonly sentence: string;
}

export const ERRORS = {
  "signature-missing": {
    status: 401,
    retryable: false,
    sentence:
      "The signature headers are missing or empty: sign the request as the channel demands.",
  },
  "signature-invalid": {
    status: 401,
    retryable: false,
    sentence: "The signature does not match the body: check the channel's secret.",
  },
  "timestamp-invalid": {
    status: 401,
    retryable: false,
    sentence: "The timestamp is not a number or more than 5 minutes off: check the sender's clock.",
  },
  unauthorized: {
    status: 401,
    retryable: false,
    sentence: "A valid bearer token is needed.",
  },
  "body-invalid": {
    status: 400,
    retryable: false,
    sentence: "The body is not what this channel expects.",
  },
  "body-too-large": {
    status: 413,
    retryable: false,
    sentence: "The body is larger than this gateway accepts.",
  },
  "channel-unknown": {
    status: 404,
    retryable: false,
    sentence: "No such channel is configured: add it under gateway.channels.",
  },
  "not-found": { status: 404, retryable: false, sentence: "There is nothing at this path." },
  "method-not-allowed": {
    status: 405,
    retryable: false,
    sentence: "This path does not take this method.",
  },
  "redis-unreachable": {
    status: 503,
    retryable: true,
    sentence: "The event could not be stored because Redis does not answer: send it again.",
  },
  "fleet-unknown": {
    status: 503,
    retryable: true,
    sentence: "The fleet has no control record that this gateway understands: send it again later.",
  },
  "backlog-full": {
    status: 503,
    retryable: true,
    sentence: "Too many events wait to be processed: send it again later.",
  },
  stopping: {
    status: 503,
    retryable: true,
    sentence: "This gateway is stopping: send it again, another one takes it.",
  },
  internal: {
    status: 500,
    retryable: true,
    sentence: "Something unexpected happened; the gateway's log says more.",
  },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERRORS;

/** A refusal on its way to the caller. `detail` replaces nothing, it is added to the code's own sentence. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly detail?: string;
}

/** What every error answers: `{"error":{"code","message"}}`. */
export function errorBody(refusal: Refusal): { error: { code: ErrorCode; message: string } } {
  const sentence = ERRORS[refusal.code].sentence;
  const message = refusal.detail === undefined ? sentence : `${sentence} ${refusal.detail}`;
  return { error: { code: refusal.code, message } };
}
