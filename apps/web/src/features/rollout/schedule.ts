import type { Role, RolloutPlan } from "@chela/shared/fleet/view";
import { type Gate, gatesOf } from "./strategy-form.ts";

/** Pure: a plan's steps on one time scale. */
interface ScheduleRow {
  gateway: string;
  host: string;
  role: Role;
  version: string;
  startMs: number;
  handsOverTo: string | null;
  bars: { kind: "sw" | "out" | "soak"; startMs: number; ms: number }[];
}

export interface ScheduledGate {
  atMs: number;
  /** Of the gateways, so many are through. */
  after: number;
  by: Gate["by"];
}

export interface Schedule {
  rows: ScheduleRow[];
  gates: ScheduledGate[];
  /** Without the time that an operator takes to approve. */
  totalMs: number;
  switchovers: number;
}

interface Visit {
  switchover: { ms: number; to: string } | null;
  outMs: number;
  soakMs: number;
}

/** Batch after batch; within one, as many are out together as may be, and all soak together. */
export function schedule(plan: Pick<RolloutPlan, "order" | "steps" | "strategy">): Schedule {
  const { visits, beforeMs, switchovers } = visitsOf(plan.steps);
  const { order, batchSize, maxUnavailable } = plan.strategy;
  // Nobody is out where new ones are started first: a batch goes at once.
  const together = Math.max(1, order === "startFirst" ? batchSize : maxUnavailable);
  const gates = gatesOf(plan.strategy, plan.order.length);
  const rows: ScheduleRow[] = [];
  const passed: ScheduledGate[] = [];
  let at = beforeMs;
  for (const batch of batchesOf(plan.order)) {
    let soakMs = 0;
    let outAt = at;
    for (let i = 0; i < batch.length; i += together) {
      let backAt = outAt;
      for (const each of batch.slice(i, i + together)) {
        const visit = visits.get(each.gateway) ?? { switchover: null, outMs: 0, soakMs: 0 };
        const row = rowOf(each, visit, outAt);
        rows.push(row);
        const last = row.bars.at(-1);
        backAt = Math.max(backAt, last === undefined ? outAt : last.startMs + last.ms);
        soakMs = Math.max(soakMs, visit.soakMs);
      }
      outAt = backAt;
    }
    if (soakMs > 0) {
      for (const row of rows.slice(-batch.length))
        row.bars.push({ kind: "soak", startMs: outAt, ms: soakMs });
    }
    at = outAt + soakMs;
    for (const gate of gates) {
      if (gate.after > rows.length || gate.after <= rows.length - batch.length) continue;
      passed.push({ ...gate, atMs: at });
      at += gate.by.by === "time" ? gate.by.ms : 0;
    }
  }
  return { rows, gates: passed, totalMs: at, switchovers };
}

function rowOf(each: RolloutPlan["order"][number], visit: Visit, startMs: number): ScheduleRow {
  const { gateway, host, role, version } = each;
  const bars: ScheduleRow["bars"] = [];
  if (visit.switchover) bars.push({ kind: "sw", startMs, ms: visit.switchover.ms });
  const outMs = startMs + (visit.switchover?.ms ?? 0);
  if (visit.outMs > 0) bars.push({ kind: "out", startMs: outMs, ms: visit.outMs });
  return { gateway, host, role, version, startMs, handsOverTo: visit.switchover?.to ?? null, bars };
}

function visitsOf(steps: RolloutPlan["steps"]) {
  const visits = new Map<string, Visit>();
  let beforeMs = 0;
  let switchovers = 0;
  let pending: Visit["switchover"] = null;
  for (const step of steps) {
    const ms = step.expectedMs ?? 0;
    if (step.gateway === undefined) {
      if (visits.size === 0) beforeMs += ms;
      continue;
    }
    if (step.name === "switchover") {
      // Names who takes over; it makes room for the gateway of the step after it.
      pending = { ms, to: step.gateway };
      switchovers += 1;
      continue;
    }
    const visit = visits.get(step.gateway) ?? { switchover: null, outMs: 0, soakMs: 0 };
    visits.set(step.gateway, visit);
    visit.switchover ??= pending;
    pending = null;
    if (step.name === "soak") visit.soakMs += ms;
    else visit.outMs += ms;
  }
  return { visits, beforeMs, switchovers };
}

function batchesOf(order: RolloutPlan["order"]): RolloutPlan["order"][] {
  const batches = new Map<number, RolloutPlan["order"]>();
  for (const each of order) batches.set(each.batch, [...(batches.get(each.batch) ?? []), each]);
  return [...batches.values()];
}
