import type {
  FailoverPreview,
  FleetView,
  OperationView,
  Page,
  SessionDetail,
} from "@chela/shared/fleet/view";

/** A refusal of the control API: its stable reason beside tRPC's code. */
export class ControlApiError extends Error {
  readonly code: string;
  readonly reason: string;
  constructor(code: string, reason: string, message: string) {
    super(`${code}/${reason}: ${message}`);
    this.code = code;
    this.reason = reason;
  }
}

/** The control API as any script would call it: plain HTTP and a bearer token. */
export class ControlApi {
  readonly #url: string;
  readonly #token: string;

  constructor(consoleUrl: string, token: string) {
    this.#url = `${consoleUrl}/api/trpc`;
    this.#token = token;
  }

  async query<T>(procedure: string, input: object): Promise<T> {
    const query = encodeURIComponent(JSON.stringify(input));
    return this.#read(await fetch(`${this.#url}/${procedure}?input=${query}`, this.#init()));
  }

  async mutate<T>(procedure: string, input: object): Promise<T> {
    const init = this.#init();
    return this.#read(
      await fetch(`${this.#url}/${procedure}`, {
        method: "POST",
        headers: { ...init.headers, "content-type": "application/json" },
        body: JSON.stringify(input),
        signal: init.signal,
      }),
    );
  }

  fleet = (fleet: string) => this.query<FleetView>("fleets.get", { fleet });
  session = (fleet: string, session: string) =>
    this.query<SessionDetail>("sessions.get", { fleet, session });
  operation = (operationId: string) => this.query<OperationView>("operations.get", { operationId });
  operations = (fleet: string) => this.query<Page<OperationView>>("operations.list", { fleet });

  /** Preview and execute, as the screen does it. */
  async promote(fleet: string, gateway: string): Promise<string> {
    const target = { fleet, gateway, kind: "switchover" };
    const preview = await this.query<FailoverPreview>("failover.preview", target);
    const { operationId } = await this.mutate<{ operationId: string }>("failover.execute", {
      ...target,
      planHash: preview.planHash,
    });
    return operationId;
  }

  /** Waits until the operation is over; throws after `timeoutMs` with what it last said. */
  async finished(operationId: string, timeoutMs = 60_000): Promise<OperationView> {
    const deadline = Date.now() + timeoutMs;
    let last: OperationView | undefined;
    while (Date.now() < deadline) {
      last = await this.operation(operationId);
      if (last.endedAt !== null) return last;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`operation ${operationId} is not over: ${JSON.stringify(last?.steps)}`);
  }

  #init() {
    return {
      headers: { authorization: `Bearer ${this.#token}` },
      signal: AbortSignal.timeout(10_000),
    };
  }

  async #read<T>(response: Response): Promise<T> {
    const answer = (await response.json()) as {
      result?: { data: T };
      error?: { message: string; data: { code: string; reason?: string } };
    };
    if (answer.error) {
      const { message, data } = answer.error;
      throw new ControlApiError(data.code, data.reason ?? "", message);
    }
    return answer.result!.data;
  }
}
