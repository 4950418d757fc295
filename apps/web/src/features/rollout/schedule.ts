import type { Role, RolloutPlan } from "@chela/shared/fleet/view";

/** Pure: a plan's steps on one time scale. */
export interface ScheduleRow {
  gateway: string;
  host: string;
  role: Role;
  version: string;
  startMs: number;
  handsOverTo: string | null;
  bars: { kind: "sw" | "out" | "soak"; startMs: number; ms: number }[];
}

export function schedule(plan: Pick<RolloutPlan, "order" | "steps">): {
  rows: ScheduleRow[];
  totalMs: number;
  switchovers: number;
} {
  const rows = new Map<string, ScheduleRow>(
    plan.order.map((each) => [each.gateway, { ...each, startMs: 0, handsOverTo: null, bars: [] }]),
  );
  let at = 0;
  let switchovers = 0;
  let pending: { startMs: number; ms: number; to: string } | null = null;
  for (const step of plan.steps) {
    const ms = step.expectedMs ?? 0;
    if (step.name === "switchover") {
      // Names who takes over; it makes room for the gateway of the step after it.
      pending = { startMs: at, ms, to: step.gateway ?? "" };
      switchovers += 1;
    } else if (step.gateway !== undefined) {
      const row = rows.get(step.gateway);
      if (row) {
        if (row.bars.length === 0) row.startMs = pending?.startMs ?? at;
        if (pending) {
          row.handsOverTo = pending.to;
          row.bars.push({ kind: "sw", startMs: pending.startMs, ms: pending.ms });
        }
        const kind = step.name === "soak" ? "soak" : "out";
        const last = row.bars.at(-1);
        if (last?.kind === kind) last.ms += ms;
        else row.bars.push({ kind, startMs: at, ms });
      }
      pending = null;
    }
    at += ms;
  }
  return { rows: [...rows.values()], totalMs: at, switchovers };
}
