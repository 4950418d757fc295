import type { OperationStep } from "../fleet/view.ts";
import type { SequenceState } from "../operation/sequence.ts";
import { duration } from "../operation/steps.ts";
import type { ObservedFailover } from "./observed.ts";

/** A failover that was observed, as an operation that is over: its timeline and its outcome. Pure. */
export function failoverRecord(
  seen: ObservedFailover,
  probe: { ok: boolean; detail: string },
  nowMs: number,
): SequenceState {
  const to = list(seen.to);
  const startedAtMs = seen.detected?.atMs ?? seen.takenOverAtMs;
  const fencedAtMs = seen.fenced === null ? startedAtMs : Math.max(startedAtMs, seen.fenced.atMs);
  const takenAtMs = Math.max(fencedAtMs, seen.takenOverAtMs);
  const away = "Not known: the console was away.";
  const step = (
    name: string,
    gateway: string | undefined,
    fromMs: number,
    toMs: number,
    detail: string,
    state: OperationStep["state"] = "done",
  ): OperationStep => ({
    ...{ name, state, detail },
    ...(gateway !== undefined && { gateway }),
    startedAt: new Date(fromMs).toISOString(),
    ms: Math.max(0, Math.round(toMs - fromMs)),
  });
  const unknown = (name: string): OperationStep => ({
    ...{ name, gateway: seen.from, state: "skipped", startedAt: null, ms: null, detail: away },
  });
  const steps = [
    seen.detected === null
      ? unknown("detected")
      : step("detected", seen.from, startedAtMs, startedAtMs, seen.detected.detail),
    seen.fenced === null
      ? unknown("fenced")
      : step("fenced", seen.from, startedAtMs, fencedAtMs, seen.fenced.detail),
    step(
      "taken-over",
      seen.to[0],
      fencedAtMs,
      takenAtMs,
      `${to} ${seen.to.length === 1 ? "holds" : "hold"} ${shards(seen.shards)}, epoch ${seen.epoch}.`,
    ),
    step("verified", undefined, takenAtMs, nowMs, probe.detail, probe.ok ? "done" : "failed"),
  ];
  const took =
    seen.detected === null ? "" : ` ${duration(takenAtMs - startedAtMs)} after it was noticed`;
  const ending =
    seen.to.length === 1 && seen.to[0] === seen.from
      ? `${to} took its ${shards(seen.shards)} back${took}.`
      : `${to} took over ${shards(seen.shards)}${took}.`;
  return {
    machine: "sequence",
    stages: [],
    at: 0,
    steps,
    state: probe.ok ? "succeeded" : "failed",
    aborting: false,
    success: "",
    says: null,
    completes: true,
    outcome: `${seen.cause}. ${ending}${probe.ok ? "" : ` ${probe.detail}`}`,
    startedAtMs,
  };
}

const shards = (count: number) => `${count} ${count === 1 ? "shard" : "shards"}`;
const list = (names: readonly string[]) => names.join(" and ");
