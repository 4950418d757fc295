import type { Clock } from "@chela/shared/clock/clock";

/** How often it looks; also how late an ended lease is noticed at most, which the lease's margin covers. */
const PULSE_MS = 50;
/** A pause of the event loop, or a step between the two clocks, from which on this gateway distrusts itself. */
const TILT_FROM_MS = 500;

export interface Irregularity {
  /** The event loop did not run for so long (SIGSTOP, a paused machine, a blocked loop). */
  readonly stalledMs: number;
  /** Wall time went so much further than monotonic time: a sleeping machine, or a clock set forward. Below 0: back. */
  readonly jumpedMs: number;
}

/**
 * Runs `onPulse` every `PULSE_MS`; tells `onTilt` first when this process has not been running as it thinks.
 * Independent of the lease loop, which waits for Redis and so cannot tell its own pause from a slow answer.
 */
export async function watchPulse(
  clock: Clock,
  onPulse: () => void,
  onTilt: (irregularity: Irregularity) => void,
  signal: AbortSignal,
): Promise<void> {
  let monotonic = clock.monotonicMs();
  let wall = clock.wallMs();
  while (!signal.aborted) {
    await clock.sleep(PULSE_MS, signal);
    const passed = clock.monotonicMs() - monotonic;
    const stalledMs = passed - PULSE_MS;
    const jumpedMs = clock.wallMs() - wall - passed;
    monotonic += passed;
    wall += passed + jumpedMs;
    if (signal.aborted) return;
    if (stalledMs >= TILT_FROM_MS || Math.abs(jumpedMs) >= TILT_FROM_MS) {
      onTilt({ stalledMs, jumpedMs });
    }
    onPulse();
  }
}
