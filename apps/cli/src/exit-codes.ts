import type { OperationState } from "@chela/shared/fleet/view";

/** What a script learns from how the command ended. Documented in docs/OPERATIONS.md; a test holds both together. */
export const EXIT = {
  done: 0,
  /** It was tried and did not come about: failed, rolled back, aborted. */
  failed: 1,
  /** The command line itself is wrong. */
  usage: 2,
  /** A check, the console or whoever was asked said no; nothing was changed. */
  refused: 3,
  unreachable: 4,
  notAllowed: 5,
  /** Ctrl-C while watching: what was watched goes on. */
  left: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const exitOfState = (state: OperationState): ExitCode =>
  state === "failed" || state === "rolled-back" || state === "aborted" ? EXIT.failed : EXIT.done;

const BY_CODE: Readonly<Record<string, ExitCode>> = {
  BAD_REQUEST: EXIT.usage,
  UNAUTHORIZED: EXIT.notAllowed,
  FORBIDDEN: EXIT.notAllowed,
  NOT_FOUND: EXIT.refused,
  CONFLICT: EXIT.refused,
  PRECONDITION_FAILED: EXIT.refused,
  TOO_MANY_REQUESTS: EXIT.refused,
};

/** @param code tRPC's, as the control API answers it. */
export const exitOfCode = (code: string): ExitCode => BY_CODE[code] ?? EXIT.failed;
