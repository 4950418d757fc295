import { request } from "node:http";

const PROBE_TIMEOUT_MS = 2_500;
/** Answered by a gateway: so it proves the edge and the way behind it. */
const PROBE_PATH = "/healthz";

export interface ProbeResult {
  /** A gateway answered through the edge. */
  readonly ok: boolean;
  /** Null: nobody answered at all. */
  readonly status: number | null;
  readonly ms: number;
}

/** One request through the edge of this host, on a connection of its own, as a client's first would be. */
export function probeEdge(port: number): Promise<ProbeResult> {
  const startMs = performance.now();
  return new Promise((resolve) => {
    const settle = (status: number | null) =>
      resolve({ ok: status === 200, status, ms: performance.now() - startMs });
    const call = request(
      { host: "127.0.0.1", port, path: PROBE_PATH, agent: false, timeout: PROBE_TIMEOUT_MS },
      (response) => {
        response.resume();
        response.once("close", () => settle(response.statusCode ?? null));
      },
    );
    call.once("timeout", () => call.destroy());
    call.once("error", () => settle(null));
    call.end();
  });
}

/**
 * Whether a new configuration serves. Pure. Where a gateway answered before, one must answer now; where none did
 * (none is up yet), it is enough that nginx itself answers.
 */
export function serves(before: ProbeResult | null, after: ProbeResult): boolean {
  return before?.ok === true ? after.ok : after.status !== null;
}
