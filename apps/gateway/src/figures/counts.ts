import type { GatewayCounts } from "@chela/shared/agent-link/schema";
import { LATENCY_BUCKETS_MS } from "@chela/shared/fleet/latency-buckets";
import type { TurnOutcome } from "../inbox/shard-run.ts";

/** `done`: answered; `failed`: an error reply, or an attempt used up by the assistant's fault; null: neither. */
const TURN_VERDICTS: Record<TurnOutcome, "done" | "failed" | null> = {
  answered: "done",
  refused: "failed",
  broken: "failed",
  "given-up": "failed",
  retried: "failed",
  // The assistant cannot be reached: that shows as such, and the attempt is given back.
  postponed: null,
  fenced: null,
  "broken-off": null,
};

/**
 * What this incarnation has answered since its start, for judging a rollout. Integers that are added to, nothing
 * more: it is on the path of every webhook.
 */
export class Counts {
  #accepted = 0;
  #duplicates = 0;
  #rejected = 0;
  #unavailable = 0;
  #faults = 0;
  #turnsDone = 0;
  #turnsFailed = 0;
  readonly #acceptMs = buckets();
  readonly #turnMs = buckets();

  stored(outcome: "accepted" | "duplicate"): void {
    if (outcome === "accepted") this.#accepted += 1;
    else this.#duplicates += 1;
  }

  /** Answered with this HTTP status, which is none of the 2xx. */
  refused(status: number): void {
    if (status === 503) this.#unavailable += 1;
    else if (status >= 500) this.#faults += 1;
    else this.#rejected += 1;
  }

  /** From a webhook's arrival to its 2xx. */
  acceptedWithin(ms: number): void {
    this.#acceptMs[bucketOf(ms)]! += 1;
  }

  turn(outcome: TurnOutcome, ms: number): void {
    const verdict = TURN_VERDICTS[outcome];
    if (verdict === null) return;
    if (verdict === "done") this.#turnsDone += 1;
    else this.#turnsFailed += 1;
    this.#turnMs[bucketOf(ms)]! += 1;
  }

  read(): GatewayCounts {
    return {
      accepted: this.#accepted,
      duplicates: this.#duplicates,
      rejected: this.#rejected,
      unavailable: this.#unavailable,
      faults: this.#faults,
      turnsDone: this.#turnsDone,
      turnsFailed: this.#turnsFailed,
      acceptMs: [...this.#acceptMs],
      turnMs: [...this.#turnMs],
    };
  }
}

/** One for each upper bound, and one for everything above. */
const buckets = () => new Float64Array(LATENCY_BUCKETS_MS.length + 1);

function bucketOf(ms: number): number {
  let bucket = 0;
  while (bucket < LATENCY_BUCKETS_MS.length && ms > LATENCY_BUCKETS_MS[bucket]!) bucket += 1;
  return bucket;
}
