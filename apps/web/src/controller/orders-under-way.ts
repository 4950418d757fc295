import type { Orders } from "@chela/shared/failover/observed";
import type { OperationStep } from "@chela/shared/fleet/view";
import type { Operation } from "./operation.ts";

/** Steps that stop the gateway they name; steps that move its shards away. */
const STOPS = new Set(["replace", "restart", "remove", "move", "take-over", "surge", "unsurge"]);
const LEAVES = new Set(["drain", ...STOPS]);
/** Steps that name who gets shards, not who gives them. */
const MOVES = new Set(["switchover", "prefer", "handover", "fence", "mode", "canary"]);

/** What operations do to which gateway, now or since a moment ago: so that it is not taken for an accident. Pure. */
export function ordersOf(operations: readonly Operation[], sinceMs: number): Orders {
  const stopping = new Set<string>();
  const leaving = new Set<string>();
  let everybody = false;
  for (const { machine, failover } of operations) {
    for (const step of machine.steps) {
      if (!isLately(step, sinceMs)) continue;
      everybody ||= MOVES.has(step.name);
      if (step.gateway === undefined) continue;
      if (STOPS.has(step.name)) stopping.add(step.gateway);
      if (LEAVES.has(step.name)) leaving.add(step.gateway);
    }
    for (const gateway of failover?.from ?? []) leaving.add(gateway);
  }
  return { stopping, leaving: everybody ? "everybody" : leaving, any: operations.length > 0 };
}

function isLately({ state, startedAt, ms }: OperationStep, sinceMs: number): boolean {
  if (startedAt === null) return false;
  return state === "running" || Date.parse(startedAt) + (ms ?? 0) >= sinceMs;
}
