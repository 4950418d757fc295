/**
 * Which stopped containers to start again. Pure. Desired is simple: a container of ours runs, unless an operation
 * holds it or works on it. Docker's own restart policy brings back what dies by itself; this brings back what was
 * killed or stopped by hand, which that policy counts as wanted.
 */
export interface Observed {
  readonly name: string;
  readonly state: "created" | "running" | "paused" | "restarting" | "exited" | "dead" | "removing";
  /** False: created, but its files are not in it yet; whoever creates it is not done. */
  readonly prepared: boolean;
  /** Since when it has been running; null when it does not run. */
  readonly runningForMs: number | null;
}

/** Starts of one container by reconcile that have not lasted. */
export interface Attempts {
  readonly count: number;
  readonly lastMs: number;
}

const BACKOFF_FIRST_MS = 1_000;
const BACKOFF_MAX_MS = 30_000;
/** A container that ran this long is no crash loop. */
const LASTED_MS = 10_000;

export interface Reconciliation {
  readonly start: string[];
  readonly attempts: ReadonlyMap<string, Attempts>;
}

export function reconcile(
  observed: readonly Observed[],
  /** Held by an operation, or one is at work on it right now. */
  isLeft: (name: string) => boolean,
  attempts: ReadonlyMap<string, Attempts>,
  nowMs: number,
): Reconciliation {
  const next = new Map<string, Attempts>();
  const start: string[] = [];
  for (const container of observed) {
    const before = attempts.get(container.name) ?? { count: 0, lastMs: Number.NEGATIVE_INFINITY };
    const lasted = container.runningForMs !== null && container.runningForMs >= LASTED_MS;
    const stopped =
      container.state === "exited" || (container.state === "created" && container.prepared);
    const due = nowMs - before.lastMs >= backoffMs(before.count);
    if (stopped && !isLeft(container.name) && due) {
      start.push(container.name);
      next.set(container.name, { count: before.count + 1, lastMs: nowMs });
    } else if (!lasted && before.count > 0) {
      next.set(container.name, before);
    }
  }
  return { start, attempts: next };
}

/** The first start again is at once, the ones after it wait longer and longer. */
function backoffMs(count: number): number {
  return count === 0 ? 0 : Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** (count - 1));
}
