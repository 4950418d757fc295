/**
 * Time as a parameter. Rules take `nowMs` numbers; whatever waits or reads a clock takes a `Clock`.
 */
export interface Clock {
  /** Wall time, milliseconds since the epoch. May jump: never measure with it. */
  wallMs(): number;
  /** Monotonic time, milliseconds from an arbitrary start. Never goes back; what leases are judged by. */
  monotonicMs(): number;
  /** Resolves after `ms`, or at once when `signal` is aborted; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
