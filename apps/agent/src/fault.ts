import type { AgentFaultCode } from "@chela/shared/agent-link/commands";

/** Something the agent refuses or cannot do: a stable code, and a sentence that says what to do. */
export class AgentFault extends Error {
  readonly code: AgentFaultCode;

  constructor(code: AgentFaultCode, message: string) {
    super(message);
    this.name = "AgentFault";
    this.code = code;
  }
}
