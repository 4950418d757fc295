import type { Clock } from "@chela/shared/clock/clock";
import { type Logger, pino } from "pino";

/** JSON lines on stdout. No caller passes it queries, bodies, headers or settings. */
export function createLog(level: string, base: Record<string, string>): Logger {
  return pino({ level, base, timestamp: pino.stdTimeFunctions.isoTime });
}

/** Lets a repeated line through once in `everyMs` per key, with the number of those held back. */
export function occasionally(
  clock: Clock,
  everyMs: number,
): (key: string, tell: (heldBack: number) => void) => void {
  const last = new Map<string, { atMs: number; heldBack: number }>();
  return (key, tell) => {
    const nowMs = clock.monotonicMs();
    const before = last.get(key);
    if (before !== undefined && nowMs - before.atMs < everyMs) {
      before.heldBack += 1;
      return;
    }
    last.set(key, { atMs: nowMs, heldBack: 0 });
    tell(before?.heldBack ?? 0);
  };
}
