import { EXIT, type ExitCode, exitOfCode } from "./exit-codes.ts";

/** A no that is meant for the operator: `reason` for programs, `message` says what to do. */
export class Problem extends Error {
  readonly reason: string;
  readonly exit: ExitCode;

  constructor(exit: ExitCode, reason: string, message: string) {
    super(message);
    this.name = "Problem";
    this.exit = exit;
    this.reason = reason;
  }
}

export const usage = (message: string) => new Problem(EXIT.usage, "bad-usage", message);

/** What the control API said no with. */
export const answeredNo = (code: string, reason: string, message: string) =>
  new Problem(exitOfCode(code), reason, message);

export const unreachable = (url: string, cause: unknown) =>
  new Problem(
    EXIT.unreachable,
    "unreachable",
    `The console at ${url} does not answer (${innermost(cause)}). Gateways go on without it. Is it running, and is --url right?`,
  );

/** `fetch failed` says nothing; what it was made of does. */
function innermost(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error) return innermost(cause);
  if (error instanceof AggregateError && error.errors.length > 0) return innermost(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}
