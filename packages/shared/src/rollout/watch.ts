import type { JudgedFigure, Judgement } from "../fleet/view.ts";
import { duration } from "../operation/steps.ts";
import type { Figures, GatewayFacts } from "./facts.ts";
import { type Counted, counted, judgeCounted, together, verdictOf } from "./judge.ts";

/**
 * Gateways of the new release, watched beside those of the old one. All of it is kept with the operation: a console
 * that starts again goes on watching from where the window began.
 */
export interface Watch {
  gateways: string[];
  sinceMs: number;
  base: Record<string, Figures>;
  /** The last seconds of it: what begins late must not drown in a long good time before. */
  recent: { sinceMs: number; base: Record<string, Figures> };
  /** Since when a gateway is not ready, or a figure of it is failing: `gw-1 ready` → ms. */
  ill: Record<string, number>;
}

export interface Failing {
  gateway: string;
  figure: JudgedFigure;
}

/** Older than this is not judged, and ends no soak. */
const FRESH_MS = 4_000;
/** Not ready for this long: not a blink. */
const UNREADY_MS = 3_000;
/** Slow for this long: not the start of a process. */
const SLOW_MS = 1_000;
/** A process that runs out of memory answers nothing before it ends: what it died of is the better reason. */
const ERRORS_MS = 1_000;
/** An agent that says nothing for so long tells nothing any more. */
const SILENT_MS = 60_000;
const RECENT_MS = 10_000;

export function beginWatch(
  gateways: readonly string[],
  facts: readonly GatewayFacts[],
  nowMs: number,
): Watch {
  const base = figuresBy(facts);
  return {
    gateways: [...gateways],
    sinceMs: nowMs,
    base,
    recent: { sinceMs: nowMs, base },
    ill: {},
  };
}

const figuresBy = (facts: readonly GatewayFacts[]): Record<string, Figures> =>
  Object.fromEntries(facts.map(({ name, figures }) => [name, figures]));

/** What is seen of them now. @param old names of those on the old release; those that are ready are compared with. */
export function judgements(
  watch: Watch,
  facts: readonly GatewayFacts[],
  old: readonly string[],
  nowMs: number,
): Judgement[] {
  const others = facts.filter(({ name }) => old.includes(name));
  const serving = others.filter(({ healthy }) => healthy).map(({ name }) => name);
  return watch.gateways.map((gateway) => {
    const seen = facts.find(({ name }) => name === gateway);
    const whole = compared(watch.base, gateway, facts, serving);
    const late = compared(watch.recent.base, gateway, facts, serving);
    const checks = [
      readiness(seen, others),
      restarts(watch.base[gateway], seen),
      ...whole.map((figure) => {
        const lately = late.find(({ name }) => name === figure.name);
        return lately?.verdict === "fail" ? lately : figure;
      }),
    ];
    return { gateway, verdict: verdictOf(checks), windowMs: nowMs - watch.sinceMs, checks };
  });
}

function compared(
  base: Record<string, Figures>,
  gateway: string,
  facts: readonly GatewayFacts[],
  old: readonly string[],
): JudgedFigure[] {
  const of = (name: string): Counted[] => {
    const seen = facts.find((candidate) => candidate.name === name);
    return seen === undefined ? [] : [counted(base[name], seen.figures)];
  };
  const [mine] = of(gateway);
  return mine === undefined ? [] : judgeCounted(mine, together(old.flatMap(of)));
}

/** Where nobody on the old release is ready either, it is not the new one's fault. */
function readiness(seen: GatewayFacts | undefined, others: readonly GatewayFacts[]): JudgedFigure {
  const ready = seen?.healthy === true;
  const readyBefore = others.filter(({ healthy }) => healthy).length;
  const shared = seen !== undefined && others.length > 0 && readyBefore === 0;
  const why = seen === undefined ? "It is not seen any more." : (seen.reason ?? "It is not ready.");
  return {
    name: "ready",
    verdict: ready ? "pass" : shared ? "not-enough" : "fail",
    now: ready ? 1 : 0,
    before: others.length === 0 ? null : readyBefore / others.length,
    detail: ready ? "It is ready." : shared ? `${why} So is the old release.` : why,
  };
}

function restarts(base: Figures | undefined, seen: GatewayFacts | undefined): JudgedFigure {
  const now = seen?.figures;
  const again =
    base === undefined || now === undefined ? 0 : Math.max(0, now.restarts - base.restarts);
  const anew =
    base?.startedAt != null && now?.startedAt != null && base.startedAt !== now.startedAt;
  const died = again > 0 || anew || now?.running === false;
  const how = now?.exit == null ? "" : ` (${now.exit})`;
  return {
    name: "restarts",
    verdict: died ? "fail" : "pass",
    now: Math.max(again, died ? 1 : 0),
    before: null,
    detail: died
      ? `Its process ended while it was watched${how}.`
      : "Its process ran all the time.",
  };
}

/** How long a figure may fail before it counts. */
const PATIENCE_MS: Record<JudgedFigure["name"], number> = {
  ready: UNREADY_MS,
  restarts: 0,
  "error-rate": ERRORS_MS,
  "slow-answers": SLOW_MS,
  "accept-p99": SLOW_MS,
  "turn-failures": 0,
};

/** One look further. Answers the same watch when nothing is to be kept. `failing`: who fails for good, and by what. */
export function look(
  watch: Watch,
  facts: readonly GatewayFacts[],
  old: readonly string[],
  nowMs: number,
): { watch: Watch; failing: Failing[]; fresh: boolean } {
  const ill: Record<string, number> = {};
  const failing: Failing[] = [];
  let fresh = true;
  for (const { gateway, checks } of judgements(watch, facts, old, nowMs)) {
    const seen = facts.find(({ name }) => name === gateway);
    const silentMs = seen === undefined ? 0 : nowMs - (seen.observedAtMs ?? watch.sinceMs);
    // ⚑ A console that has just started has no report yet: that nothing is seen is not that nothing runs.
    if (silentMs > FRESH_MS || seen?.observedAtMs === null) {
      fresh = false;
      if (silentMs > SILENT_MS) failing.push({ gateway, figure: silence(silentMs) });
      // What was seen before is kept, and counts on once something is seen again.
      for (const key of Object.keys(watch.ill)) {
        if (key.startsWith(`${gateway} `)) ill[key] = watch.ill[key]!;
      }
      continue;
    }
    for (const figure of checks) {
      if (figure.verdict !== "fail") continue;
      const key = `${gateway} ${figure.name}`;
      const sinceMs = watch.ill[key] ?? nowMs;
      ill[key] = sinceMs;
      if (nowMs - sinceMs >= PATIENCE_MS[figure.name]) failing.push({ gateway, figure });
    }
  }
  const rebased =
    nowMs - watch.recent.sinceMs >= RECENT_MS && fresh && Object.keys(ill).length === 0;
  const same = !rebased && JSON.stringify(ill) === JSON.stringify(watch.ill);
  if (same) return { watch, failing, fresh };
  return {
    watch: {
      ...watch,
      ill,
      recent: rebased ? { sinceMs: nowMs, base: figuresBy(facts) } : watch.recent,
    },
    failing,
    fresh,
  };
}

/** Everyone was reported on at or after this time: nothing is said to have passed that was not seen. */
export function seenSince(watch: Watch, facts: readonly GatewayFacts[], sinceMs: number): boolean {
  return watch.gateways.every((gateway) => {
    const seen = facts.find(({ name }) => name === gateway);
    return seen === undefined || (seen.observedAtMs ?? 0) >= sinceMs;
  });
}

const silence = (ms: number): JudgedFigure => ({
  name: "ready",
  verdict: "fail",
  now: null,
  before: null,
  detail: `Its host's agent has said nothing for ${duration(ms)}.`,
});

/** What a soak or a gate says at its end, for one gateway. */
export function judgementInWords({ verdict, windowMs, checks }: Judgement): string {
  const errors = checks.find(({ name }) => name === "error-rate");
  const turns = checks.find(({ name }) => name === "turn-failures");
  if (verdict === "fail") return checks.find((check) => check.verdict === "fail")!.detail;
  const figures = [errors, turns].flatMap((figure) =>
    figure === undefined || figure.now === null ? [] : [figure.detail],
  );
  return verdict === "not-enough"
    ? `Ready for ${duration(windowMs)}; not enough traffic to judge. ${figures.join(" ")}`.trim()
    : `Ready for ${duration(windowMs)}. ${figures.join(" ")}`.trim();
}
