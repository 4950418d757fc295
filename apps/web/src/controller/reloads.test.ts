import { beginSequence } from "@chela/shared/operation/sequence";
import { expect, it } from "vitest";
import type { Operation } from "./operation.ts";
import { withReloads } from "./reloads.ts";

const over = (
  before: Record<string, number>,
  kind: Operation["kind"] = "switchover",
): Operation => ({
  id: "op_1",
  fleet: "f",
  kind,
  title: "Promote gw-2",
  machine: {
    ...beginSequence([{ name: "verify", action: { type: "verify" } }], { success: "" }, 0),
    state: "succeeded",
    outcome: "gw-2 is active.",
  },
  failover: null,
  reloads: { before, during: null },
  version: 1,
  requestedBy: "me",
  reason: null,
  idempotencyKey: null,
  startedAtMs: 0,
  endedAtMs: 1,
});

it("a switchover says that nginx was not reloaded, or how often", () => {
  const none = withReloads(over({ "edge-1": 3 }), { "edge-1": 3 });
  expect(none).toMatchObject({
    reloads: { during: 0 },
    machine: { outcome: "gw-2 is active. No nginx reload." },
  });
  const two = withReloads(over({ "edge-1": 3, "edge-2": 1 }), { "edge-1": 4, "edge-2": 2 });
  expect(two).toMatchObject({
    reloads: { during: 2 },
    machine: { outcome: "gw-2 is active. 2 nginx reloads." },
  });
});

it("what is not known is not said", () => {
  expect(withReloads(over({}), { "edge-1": 3 })).toMatchObject({
    reloads: { during: null },
    machine: { outcome: "gw-2 is active." },
  });
  expect(withReloads(over({ "edge-1": 3 }), {})).toMatchObject({ reloads: { during: null } });
});

it("an edge that was made anew meanwhile counts from nothing", () => {
  expect(withReloads(over({ "edge-1": 9 }), { "edge-1": 1 }).reloads?.during).toBe(1);
});

it("an operation that may reload counts without a sentence", () => {
  expect(withReloads(over({ "edge-1": 1 }, "gateway-remove"), { "edge-1": 2 })).toMatchObject({
    reloads: { during: 1 },
    machine: { outcome: "gw-2 is active." },
  });
});
