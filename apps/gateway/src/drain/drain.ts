/**
 * How a gateway leaves on SIGTERM: hand over → let go → stop accepting → finish requests → exit. It accepts until
 * the very end, since what it accepts stands in Redis, whoever processes it.
 */
export interface DrainState {
  /** Monotonic time, ms, by which shards are handed over or let go: `DRAIN_MS` or `HURRIED_DRAIN_MS` after the signal. */
  readonly deadlineAtMs: number;
  /** `setDraining(true)` was called. */
  readonly draining: boolean;
  readonly shardsHeld: number;
  /** `leaseLoop.hasBetter()`. */
  readonly hasBetter: boolean;
  /** `leaseLoop.stop()` has ended. */
  readonly letGo: boolean;
  readonly listening: boolean;
  /** HTTP requests not answered. */
  readonly requestsOpen: number;
  /** WebSockets not closed; they are told to reconnect from the signal on (socket/farewell.ts). */
  readonly socketsOpen: number;
}

export type DrainStep =
  /** Call `setDraining(true)`. */
  | { do: "hand-over" }
  /** Nothing to do but to wait: ask again when something has changed, at the latest at `untilMs`. */
  | { do: "wait"; for: "hand-over" | "requests" | "sockets"; untilMs: number }
  /** Await `leaseLoop.stop(graceMs)`: turns in flight may finish for so long. */
  | { do: "let-go"; graceMs: number }
  /** Close the listeners. */
  | { do: "stop-accepting" }
  | { do: "exit" };

/** From the signal until shards that were not handed over are let go. */
export const DRAIN_MS = 25_000;
/** The same for one that is bad: others shall have its shards soon. */
export const HURRIED_DRAIN_MS = 2_000;
/** What open requests and sockets get beyond that. A container's stop time-out must exceed the sum. */
export const REQUESTS_MS = 3_000;
/** Letting go takes at least this: releasing needs a moment also when the deadline has passed. */
const LET_GO_MS = 500;

export function nextDrainStep(state: DrainState, nowMs: number): DrainStep {
  const { deadlineAtMs } = state;
  if (!state.draining) return { do: "hand-over" };
  // Waiting makes sense only while somebody can take over; alone, finishing the turns in flight is all there is.
  if (!state.letGo) {
    if (state.shardsHeld > 0 && state.hasBetter && nowMs < deadlineAtMs) {
      return { do: "wait", for: "hand-over", untilMs: deadlineAtMs };
    }
    return { do: "let-go", graceMs: Math.max(deadlineAtMs - nowMs, LET_GO_MS) };
  }
  if (state.listening) return { do: "stop-accepting" };
  const untilMs = deadlineAtMs + REQUESTS_MS;
  if (nowMs < untilMs) {
    if (state.requestsOpen > 0) return { do: "wait", for: "requests", untilMs };
    if (state.socketsOpen > 0) return { do: "wait", for: "sockets", untilMs };
  }
  return { do: "exit" };
}
