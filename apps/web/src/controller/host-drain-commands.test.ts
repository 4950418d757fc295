import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HostDrainCommands } from "./host-drain-commands.ts";
import { orderingDesk } from "./testing/ordering-desk.ts";

let desk: Awaited<ReturnType<typeof orderingDesk>>;
let commands: HostDrainCommands;
beforeEach(async () => {
  desk = await orderingDesk();
  commands = new HostDrainCommands(desk.ordering);
});
afterEach(() => desk.close());

const drain = (more: object = {}) =>
  commands.drainHost({ fleet: "f", host: "host-a", ...more }, desk.by);

describe("draining a host", () => {
  it("shows what becomes of its gateways, then does exactly that", async () => {
    const preview = await commands.previewDrain({ fleet: "f", host: "host-a" });
    expect(preview.gateways).toEqual([
      { gateway: "gw-1", role: "active", fate: "moved", to: "host-b", by: "gw-1" },
    ]);
    const { operationId } = await drain({ planHash: preview.planHash });
    expect(desk.begun).toMatchObject([{ id: operationId, kind: "host-drain" }]);
    expect(desk.stages()).toEqual([
      ...["cordon", "image", "drain gw-1", "move gw-1", "healthy gw-1", "edges", "verify"],
    ]);
    expect(
      preview.steps.map(({ name, gateway }) => (gateway ? `${name} ${gateway}` : name)),
    ).toEqual(desk.stages());
    expect(desk.notes).toMatchObject({
      before: { cordoned: false, gateways: "gw-1" },
      after: { cordoned: true, gateways: "gw-1 runs on host-b" },
    });
  });

  it("removes them where they shall go nowhere", async () => {
    await drain({ moveTo: "none" });
    expect(desk.stages()).toEqual([
      ...["cordon", "drain gw-1", "edges", "remove gw-1", "forget gw-1", "verify"],
    ]);
  });

  it("is refused where the fleet has changed since the preview, with the difference", async () => {
    const { planHash } = await commands.previewDrain({ fleet: "f", host: "host-a" });
    await desk.desired.changeGateway("gw-2", { host: "host-a" });
    await expect(drain({ planHash })).rejects.toMatchObject({
      code: "CONFLICT",
      reason: "plan-outdated",
      message: expect.stringContaining("what becomes of them was gw-1 runs on host-b"),
    });
  });

  it("is refused where the floor would break, for a host that is not there, and while another runs", async () => {
    await desk.desired.change((spec) => ({ ...spec, floor: 3 }));
    await expect(drain({ moveTo: "none" })).rejects.toMatchObject({
      code: "PRECONDITION_FAILED",
      reason: "floor-would-break",
      message: expect.stringContaining("2 of 3 gateways would serve; the fleet's floor is 3"),
    });
    await expect(drain({ host: "nowhere" })).rejects.toMatchObject({ reason: "no-such-host" });
    desk.over.operationId = "op_other";
    await expect(drain()).rejects.toMatchObject({ reason: "operation-running" });
    expect(await drain({ idempotencyKey: "again" })).toEqual({ operationId: "op_earlier" });
    expect(desk.begun).toEqual([]);
  });

  it("only cordons a host without gateways", async () => {
    await desk.desired.change((spec) => ({ ...spec, gateways: spec.gateways.slice(1) }));
    await drain();
    expect(desk.stages()).toEqual(["cordon"]);
  });
});
