import { randomBytes } from "node:crypto";
import type { OperationKind } from "@chela/shared/fleet/view";
import type { SequenceState } from "@chela/shared/operation/sequence";
import type { RolloutState } from "@chela/shared/rollout/state";

export type Machine = SequenceState | RolloutState;

/** An operation as it is kept. Everything that decides how it goes on is in `machine`. */
export interface Operation {
  id: string;
  fleet: string;
  kind: OperationKind;
  title: string;
  machine: Machine;
  /** Who leaves and who comes, for switchover and failover. */
  failover: { from: string[]; to: string } | null;
  /** Ordered by nobody: written down from what was observed, over when it is stored. */
  automatic?: { cause: string };
  /** nginx reloads: of each edge when it began, and of all while it ran once it is over (null: not known). */
  reloads?: { before: Record<string, number>; during: number | null };
  /** Raised by every write. */
  version: number;
  requestedBy: string;
  reason: string | null;
  idempotencyKey: string | null;
  startedAtMs: number;
  endedAtMs: number | null;
}

export const isOver = ({ state }: Machine): boolean => state !== "running" && state !== "paused";

/** Ids rise with time: they order and page. */
export function newOperationId(nowMs: number): string {
  return `op_${nowMs.toString(36).padStart(9, "0")}${randomBytes(5).toString("hex")}`;
}
