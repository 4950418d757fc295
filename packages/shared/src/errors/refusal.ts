/** tRPC's own codes, as far as Chela refuses with them. */
export type RefusalCode =
  | "BAD_REQUEST"
  | "UNAUTHORIZED"
  | "FORBIDDEN"
  | "NOT_FOUND"
  | "CONFLICT"
  | "PRECONDITION_FAILED"
  | "TOO_MANY_REQUESTS"
  | "SERVICE_UNAVAILABLE";

/**
 * A no that is meant for the caller: `reason` is stable and for programs, `message` is a sentence for the operator
 * and says what to do. Anything else that is thrown is a fault of ours and is not shown.
 */
export class Refusal extends Error {
  readonly code: RefusalCode;
  readonly reason: string;

  constructor(code: RefusalCode, reason: string, message: string) {
    super(message);
    this.name = "Refusal";
    this.code = code;
    this.reason = reason;
  }
}
