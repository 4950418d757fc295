import type { FleetEvent, OperationView } from "@chela/shared/fleet/view";
import { describe, expect, it } from "vitest";
import { eventsOf } from "./operation-events.ts";

const operation = {
  id: "op",
  startedAt: "2026-11-22T12:00:00.000Z",
  endedAt: "2026-11-22T12:01:00.000Z",
  rollout: { order: [{ gateway: "gw-1" }] },
} as OperationView;
const event = (id: string, minute: string, over: Partial<FleetEvent>) =>
  ({ id, at: `2026-11-22T12:${minute}:30.000Z`, ...over }) as FleetEvent;

describe("what belongs to an operation", () => {
  it("is its own events, and what happened to its gateways meanwhile", () => {
    const events = [
      event("own", "05", { operationId: "op" }),
      event("meanwhile", "00", { gateway: "gw-1" }),
      event("later", "02", { gateway: "gw-1" }),
      event("stranger", "00", { gateway: "gw-9" }),
      event("another's", "00", { gateway: "gw-1", operationId: "other" }),
    ];
    expect(eventsOf(operation, events).map((each) => each.id)).toEqual(["own", "meanwhile"]);
  });
});
