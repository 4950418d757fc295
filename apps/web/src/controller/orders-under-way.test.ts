import type { OperationStep } from "@chela/shared/fleet/view";
import { beginSequence } from "@chela/shared/operation/sequence";
import { expect, it } from "vitest";
import type { Operation } from "./operation.ts";
import { ordersOf } from "./orders-under-way.ts";

const step = (
  name: string,
  gateway: string | undefined,
  state: OperationStep["state"],
  endedMs = 0,
): OperationStep => ({
  ...{ name, state, startedAt: new Date(0).toISOString(), ms: endedMs, detail: null },
  ...(gateway !== undefined && { gateway }),
});
const operation = (steps: OperationStep[], failover: Operation["failover"] = null): Operation => ({
  ...{ id: "op_1", fleet: "f", kind: "rollout", title: "", failover, version: 1 },
  machine: { ...beginSequence([], { success: "" }, 0), steps },
  ...{ requestedBy: "me", reason: null, idempotencyKey: null, startedAtMs: 0, endedAtMs: null },
});

it("a gateway is stopped on purpose while the step for it runs, and a moment after", () => {
  const steps = [step("replace", "gw-1", "running"), step("replace", "gw-2", "done", 4_000)];
  expect(ordersOf([operation(steps)], 3_000).stopping).toEqual(new Set(["gw-1", "gw-2"]));
  expect(ordersOf([operation(steps)], 5_000).stopping).toEqual(new Set(["gw-1"]));
});

it("shards leave one that drains, and those that a switchover is from", () => {
  const { stopping, leaving } = ordersOf(
    [operation([step("drain", "gw-1", "running")], { from: ["gw-2"], to: "gw-3" })],
    0,
  );
  expect(stopping).toEqual(new Set());
  expect(leaving).toEqual(new Set(["gw-1", "gw-2"]));
});

it("shards leave anybody while a step names only who gets them", () => {
  expect(ordersOf([operation([step("switchover", "gw-2", "running")])], 0).leaving).toBe(
    "everybody",
  );
});

it("nothing that runs orders nothing", () => {
  expect(ordersOf([], 0)).toEqual({ stopping: new Set(), leaving: new Set(), any: false });
});
