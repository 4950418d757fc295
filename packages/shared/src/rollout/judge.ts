import { LATENCY_BUCKETS_MS } from "../fleet/latency-buckets.ts";
import type { JudgedFigure, Judgement } from "../fleet/view.ts";
import type { Figures } from "./facts.ts";

/**
 * When a new gateway is worse than the old release in the same window. Each rule asks for samples (a few say nothing),
 * for a ratio (on a busy machine everything is slow, the old release too) and for a difference (twice almost nothing is
 * almost nothing). Where no gateway runs the old release any more, nothing tells a busy machine from a bad release:
 * `alone` is a difference that a merely busy machine does not make.
 */
export const LIMITS = {
  /** Requests below which a window is not enough to judge: with 20, one in twenty failing would probably show. */
  requestsMin: 20,
  /** 5xx and time-outs. Five cannot be one blip of a connection; one per cent is ten times what a fleet may have. */
  errors: { min: 5, ratio: 2, difference: 0.01, alone: 0.05 },
  /** Over 250 ms on a webhook path. A process that has just started answers some slowly: a fifth of all is no start. */
  slow: { min: 20, ratio: 3, difference: 0.2, alone: 0.5 },
  /** An edge's least_conn sends a slow one hardly anything, two a second where others take seventy: of few, most. */
  slowOfFew: { min: 5, ratio: 3, difference: 0.6, alone: 0.9 },
  /** The slowest of a hundred; 200 ms is a quarter of what an edge gives one gateway. */
  p99: { samples: 100, ratio: 3, difference: 200, alone: 1_000 },
  /** An assistant's single failures happen; five in a window, and one in twenty more than the others, do not. */
  turns: { min: 5, ratio: 2, difference: 0.05, alone: 0.2 },
} as const;

/** What was counted between two looks at one container. */
export interface Counted {
  requests: number | null;
  failed: number;
  slow: number | null;
  acceptMs: number[];
  turns: number;
  turnsFailed: number;
}

/** Of a container that was started anew in between, all that it has counted. */
export function counted(base: Figures | undefined, now: Figures): Counted {
  const sameRun = base !== undefined && base.startedAt === now.startedAt;
  const before = sameRun ? base.counts : null;
  const { counts } = now;
  const since = (of: (counts: NonNullable<Figures["counts"]>) => number) =>
    counts === null ? 0 : Math.max(0, of(counts) - (before === null ? 0 : of(before)));
  const edge = answered(base, now);
  const own = since(({ unavailable, faults }) => unavailable + faults);
  // The same failure, as the gateway and as a client saw it; a broken one may not even count its own.
  const failed = Math.max(own, edge?.failed ?? 0);
  const requests = since((c) => c.accepted + c.duplicates + c.rejected + c.unavailable + c.faults);
  return {
    requests: counts === null && edge === null ? null : Math.max(requests, failed, edge?.slow ?? 0),
    failed,
    slow: edge === null ? null : edge.slow,
    acceptMs: (counts?.acceptMs ?? []).map((n, i) => Math.max(0, n - (before?.acceptMs[i] ?? 0))),
    turns: since(({ turnsDone, turnsFailed }) => turnsDone + turnsFailed),
    turnsFailed: since(({ turnsFailed }) => turnsFailed),
  };
}

/** An edge that counts from nothing again, or another address: all that it has counted. */
function answered(base: Figures | undefined, now: Figures) {
  if (now.answers === null) return null;
  const { upstream, failed, slow } = now.answers;
  const before = base?.answers;
  const same =
    before != null &&
    before.upstream === upstream &&
    before.failed <= failed &&
    before.slow <= slow;
  return same ? { failed: failed - before.failed, slow: slow - before.slow } : { failed, slow };
}

/** Of several gateways together; null: there is none. */
export function together(all: readonly Counted[]): Counted | null {
  if (all.length === 0) return null;
  return all.reduce((sum, each) => ({
    requests: plus(sum.requests, each.requests),
    failed: sum.failed + each.failed,
    slow: plus(sum.slow, each.slow),
    acceptMs: Array.from(
      { length: Math.max(sum.acceptMs.length, each.acceptMs.length) },
      (_, i) => (sum.acceptMs[i] ?? 0) + (each.acceptMs[i] ?? 0),
    ),
    turns: sum.turns + each.turns,
    turnsFailed: sum.turnsFailed + each.turnsFailed,
  }));
}
const plus = (a: number | null, b: number | null) => (a === null ? b : b === null ? a : a + b);

/** Upper bound of the bucket that the slowest of a hundred falls into; null: no samples. */
export function p99(buckets: readonly number[]): number | null {
  const total = buckets.reduce((sum, n) => sum + n, 0);
  if (total === 0) return null;
  let seen = 0;
  for (const [index, n] of buckets.entries()) {
    seen += n;
    if (seen >= total * 0.99) return LATENCY_BUCKETS_MS[index] ?? LATENCY_BUCKETS_MS.at(-1)!;
  }
  return LATENCY_BUCKETS_MS.at(-1)!;
}

/** By what was counted; whether it stays up is watched beside it (watch.ts). @param old null: nobody runs it any more. */
export function judgeCounted(now: Counted, old: Counted | null): JudgedFigure[] {
  const oldRequests = old?.requests ?? null;
  return [
    share("error-rate", now.failed, now.requests, old?.failed ?? 0, oldRequests, {
      ...LIMITS.errors,
      enough: LIMITS.requestsMin,
      what: "requests failed",
    }),
    now.slow === null
      ? none("slow-answers", "No edge reports how long answers take.")
      : share("slow-answers", now.slow, now.requests, old?.slow ?? 0, oldRequests, {
          ...LIMITS.slow,
          few: LIMITS.slowOfFew,
          enough: LIMITS.requestsMin,
          what: "requests took over 250 ms",
        }),
    latency(now, old),
    share("turn-failures", now.turnsFailed, now.turns, old?.turnsFailed ?? 0, old?.turns ?? null, {
      ...LIMITS.turns,
      enough: LIMITS.turns.min,
      what: "turns failed",
    }),
  ];
}

function share(
  name: JudgedFigure["name"],
  bad: number,
  all: number | null,
  badBefore: number,
  allBefore: number | null,
  limit: Limit & { min: number; few?: Limit & { min: number }; enough: number; what: string },
): JudgedFigure {
  if (all === null || all === 0) return none(name, "No traffic.");
  const now = bad / all;
  const before = allBefore === null || allBefore === 0 ? null : badBefore / allBefore;
  const fails = (by: Limit & { min: number }) => bad >= by.min && isWorse(now, before, by);
  const failing = fails(limit) || (limit.few !== undefined && fails(limit.few));
  const beside = before === null ? "" : `; on the old release ${badBefore} of ${allBefore}`;
  return {
    name,
    verdict: failing ? "fail" : all < limit.enough ? "not-enough" : "pass",
    now,
    before,
    detail: `${bad} of ${all} ${limit.what}${beside}.`,
  };
}

function latency(now: Counted, old: Counted | null): JudgedFigure {
  const mine = p99(now.acceptMs);
  if (mine === null) return none("accept-p99", "No traffic.");
  const samples = sum(now.acceptMs);
  const before = old === null ? null : p99(old.acceptMs);
  const worse = isWorse(mine, before, LIMITS.p99);
  const enough = samples >= LIMITS.p99.samples;
  return {
    name: "accept-p99",
    verdict: !enough ? "not-enough" : worse ? "fail" : "pass",
    now: mine,
    before,
    detail: `99 of 100 accepted within ${mine} ms${before === null ? "" : `; on the old release within ${before} ms`}.`,
  };
}

interface Limit {
  ratio: number;
  difference: number;
  alone: number;
}

const isWorse = (now: number, before: number | null, { ratio, difference, alone }: Limit) =>
  before === null ? now >= alone : now >= before * ratio && now - before >= difference;

/** One gateway's verdict: what fails decides; without enough requests nothing was shown. */
export function verdictOf(checks: readonly JudgedFigure[]): Judgement["verdict"] {
  if (checks.some(({ verdict }) => verdict === "fail")) return "fail";
  const errors = checks.find(({ name }) => name === "error-rate");
  return errors?.verdict === "pass" ? "pass" : "not-enough";
}

const none = (name: JudgedFigure["name"], detail: string): JudgedFigure => ({
  name,
  verdict: "not-enough",
  now: null,
  before: null,
  detail,
});

const sum = (numbers: readonly number[]) => numbers.reduce((total, n) => total + n, 0);
