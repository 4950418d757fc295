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
  "clients-not-configured": {
    status: 401,
    retryable: false,
    sentence: "This fleet takes no chat clients: set gateway.clients.token in gateway.json.",
  },
  "session-invalid": {
    status: 400,
    retryable: false,
    sentence: "The session's name is missing or longer than 256 characters: send ?session=<name>.",
  },
  "after-invalid": {
    status: 400,
    retryable: false,
    sentence:
      "`after` is not the eventId of a message: send the last one received, or leave it out.",
  },
  "upgrade-required": {
    status: 426,
    retryable: false,
    sentence: "This path speaks WebSocket only: connect with a WebSocket client.",
  },
  "message-invalid": {
    status: 400,
    retryable: false,
    sentence: 'The message is not {"type":"message","id","text"}, id of 1 to 256 characters.',
  },
  "text-too-large": {
    status: 413,
    retryable: false,
    sentence: "The text is larger than 64 KiB: send it in parts.",
  },
  "too-many-connections": {
    status: 503,
    retryable: true,
    sentence:
      "This gateway holds as many connections as it may: connect again, another one takes it.",
  },
  "too-many-unanswered": {
    status: 429,
    retryable: true,
    sentence:
      "Too many messages of this connection wait for an answer: send it again when some are answered.",
  },
  "parameter-unsupported": {
    status: 400,
    retryable: false,
    sentence: "The request asks for something this endpoint cannot do.",
  },
  "turn-failed": {
    status: 502,
    retryable: false,
    sentence: "The assistant could not answer this message.",
  },
  "turn-restarted": {
    status: 502,
    retryable: true,
    sentence:
      "The answer was begun anew by another gateway after part of it had been sent: ask for it again.",
  },
  "turn-late": {
    status: 504,
    retryable: true,
    sentence: "The answer is not there yet; it is still being made: ask again with the same key.",
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
  "encoding-unsupported": {
    status: 415,
    retryable: false,
    sentence: "The body is compressed: send it as it is, without Content-Encoding.",
  },
  "headers-too-large": {
    status: 431,
    retryable: false,
    sentence: "Request line and headers are larger than 16 KiB together: send less of them.",
  },
  "request-malformed": {
    status: 400,
    retryable: false,
    sentence: "This is no HTTP/1.1 request that can be understood: check what the client sends.",
  },
  "request-late": {
    status: 408,
    retryable: true,
    sentence: "The request did not arrive whole in time: send it again, faster.",
  },
  "too-busy": {
    status: 503,
    retryable: true,
    sentence:
      "Other large bodies are being read and take all the memory there is for them: send it again.",
  },
  "confirmation-invalid": {
    status: 400,
    retryable: false,
    sentence:
      "This GET is no question whether the address is ours: hub.mode, hub.verify_token and hub.challenge are needed.",
  },
  "verify-token-invalid": {
    status: 401,
    retryable: false,
    sentence:
      "The verify token is another one: give the vendor's console the one in gateway.json's channel.",
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
  "not-replicated": {
    status: 503,
    retryable: true,
    sentence:
      "No replica of Redis has confirmed the event in time, so it does not count as stored: send it again.",
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
