/** So many failures in a row, and nothing more is asked of the assistant for a while. */
export const FAILURES_MAX = 3;
const OPEN_FIRST_MS = 1_000;
const OPEN_MAX_MS = 30_000;

/**
 * What keeps a failing assistant from using up the attempts of every message: closed, turns ask; open, they wait;
 * half-open, one of them tries. `times`: how often it opened since a turn last worked.
 */
export type Breaker =
  | { readonly state: "closed"; readonly failures: number; readonly times: number }
  | {
      readonly state: "open";
      readonly why: "away" | "failing";
      readonly untilMs: number;
      readonly times: number;
    }
  | { readonly state: "half-open"; readonly trying: boolean; readonly times: number };

/**
 * What a turn found out. `worked`: it answered; `answering`: its first words came; `failed`: it was asked in vain;
 * `away`: it certainly takes nothing now; `nothing`: the turn says nothing about it.
 */
export type Finding = "worked" | "answering" | "failed" | "away" | "nothing";

export const CLOSED: Breaker = { state: "closed", failures: 0, times: 0 };

export function mayAsk(breaker: Breaker): boolean {
  return breaker.state === "closed" || (breaker.state === "half-open" && !breaker.trying);
}

/** A turn that `mayAsk` let through is begun. */
export function asked(breaker: Breaker): Breaker {
  return breaker.state === "half-open" ? { ...breaker, trying: true } : breaker;
}

export function found(breaker: Breaker, finding: Finding, nowMs: number): Breaker {
  switch (finding) {
    case "worked":
      return CLOSED;
    case "answering":
      // The others need not wait for the end of a long answer.
      if (breaker.state !== "half-open") return breaker;
      return { state: "closed", failures: 0, times: breaker.times };
    case "nothing":
      return breaker.state === "half-open" ? { ...breaker, trying: false } : breaker;
    case "away":
      return breaker.state === "open" ? breaker : opened(breaker, "away", nowMs);
    case "failed": {
      if (breaker.state === "open") return breaker;
      if (breaker.state === "closed" && breaker.failures + 1 < FAILURES_MAX) {
        return { ...breaker, failures: breaker.failures + 1 };
      }
      return opened(breaker, "failing", nowMs);
    }
  }
}

/** A look at the assistant from outside: whether it can be reached says little about whether it answers. */
export function probed(breaker: Breaker, reachable: boolean, nowMs: number): Breaker {
  if (!reachable) return found(breaker, "away", nowMs);
  if (breaker.state !== "open" || nowMs < breaker.untilMs) return breaker;
  const { why, times } = breaker;
  // Back after an outage: all may ask. Where that was no good already, one asks first.
  return why === "away" && times === 1
    ? { state: "closed", failures: 0, times }
    : { state: "half-open", trying: false, times };
}

function opened(breaker: Breaker, why: "away" | "failing", nowMs: number): Breaker {
  const times = breaker.times + 1;
  const openMs = Math.min(OPEN_FIRST_MS * 2 ** Math.min(times - 1, 10), OPEN_MAX_MS);
  return { state: "open", why, untilMs: nowMs + openMs, times };
}
