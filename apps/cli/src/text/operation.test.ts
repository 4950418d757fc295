import type { OperationStep, OperationView } from "@chela/shared/fleet/view";
import { describe, expect, it } from "vitest";
import { plain } from "../terminal/style.ts";
import { changedLines, operationLines } from "./operation.ts";

const step = (name: string, state: OperationStep["state"], ms: number | null = null) => ({
  ...{ name, gateway: "gw-2", state, ms, detail: null },
  startedAt: state === "pending" ? null : "2026-11-22T10:00:00.000Z",
});
const operation = (over: Partial<OperationView>): OperationView => ({
  ...{ id: "op_1", fleet: "f", kind: "switchover", state: "running", title: "Promote gw-2" },
  ...{ steps: [], outcome: null, requestedBy: "ada@example.com", reason: null, aborting: false },
  ...{ rollout: null, failover: null, automatic: null, edgeReloads: null, msLeft: null },
  ...{ startedAt: "2026-11-22T10:00:00.000Z", endedAt: null },
  ...over,
});

describe("where nothing can be drawn over", () => {
  it("each step is told once when it begins and once when it ends", () => {
    const steps = [
      operation({ steps: [step("prefer", "running"), step("probe", "pending")] }),
      operation({ steps: [step("prefer", "done", 12), step("probe", "running")] }),
      operation({ steps: [step("prefer", "done", 12), step("probe", "running")] }),
    ];
    const told = steps.map((now, at) => changedLines(steps[at - 1] ?? null, now, plain));
    expect(told).toEqual([
      ["Promote gw-2  op_1", "▸ gw-2: prefer"],
      ["✓ gw-2: prefer  12 ms", "▸ gw-2: probe"],
      [],
    ]);
  });

  it("the outcome is the last line", () => {
    const before = operation({ steps: [step("probe", "running")] });
    const now = operation({
      state: "succeeded",
      outcome: "gw-2 is active.",
      steps: [step("probe", "done", 69)],
      endedAt: "2026-11-22T10:00:01.200Z",
    });
    expect(changedLines(before, now, plain)).toEqual([
      "✓ gw-2: probe  69 ms",
      "succeeded after 1.2 s. gw-2 is active.",
    ]);
  });

  it("a wait for somebody is told once", () => {
    const waiting = operation({ state: "running", waitingFor: "approval of stage 1" });
    expect(changedLines(operation({}), waiting, plain)).toEqual([
      "… waits for approval of stage 1",
    ]);
    expect(changedLines(waiting, waiting, plain)).toEqual([]);
  });
});

it("an operation that nobody ordered says its cause, and what came of it", () => {
  const lines = operationLines(
    operation({
      state: "succeeded",
      automatic: { cause: "gw-1 died (exit 137)." },
      edgeReloads: 0,
      outcome: "gw-2 took over.",
      endedAt: "2026-11-22T10:00:00.069Z",
    }),
    plain,
  );
  expect(lines).toEqual([
    "Promote gw-2  succeeded  op_1",
    "By itself: gw-1 died (exit 137).",
    "nginx reloads meanwhile: 0",
    "succeeded after 69 ms. gw-2 took over.",
  ]);
});
