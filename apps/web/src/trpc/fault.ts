/** What the control API said no with. */
export interface Fault {
  /** tRPC's code, "UNREACHABLE" if no answer came. */
  code: string;
  /** Chela's stable reason. */
  reason: string | null;
  /** For the operator; says what to do. */
  sentence: string;
}

interface ErrorData {
  code?: string;
  reason?: string;
}

/** Reads any thrown value; an answer that never came has no code of its own. */
export function faultOf(error: unknown): Fault {
  const data = (error as { data?: ErrorData | null } | null)?.data;
  if (data?.code) {
    return {
      code: data.code,
      reason: data.reason ?? null,
      sentence: error instanceof Error ? error.message : "The console refused.",
    };
  }
  return {
    code: "UNREACHABLE",
    reason: null,
    sentence:
      "The console does not answer. Gateways go on without it; this page tries again by itself.",
  };
}
