import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GatewayCommands } from "./gateway-commands.ts";
import { orderingDesk } from "./testing/ordering-desk.ts";

let desk: Awaited<ReturnType<typeof orderingDesk>>;
let commands: GatewayCommands;
beforeEach(async () => {
  desk = await orderingDesk({ floor: 3 });
  commands = new GatewayCommands(desk.ordering);
});
afterEach(() => desk.close());

const order = (kind: "drain" | "undrain" | "restart" | "remove", gateway = "gw-2") =>
  commands.gateway(`gateway-${kind}`, { fleet: "f", gateway, confirm: gateway }, desk.by);

describe("the floor", () => {
  it.each(["drain", "restart", "remove"] as const)("keeps a gateway from a %s", async (kind) => {
    await expect(order(kind)).rejects.toMatchObject({
      code: "PRECONDITION_FAILED",
      reason: "floor-would-break",
      message: expect.stringContaining("Without gw-2, 2 of 3 gateways would serve"),
    });
    expect(desk.begun).toEqual([]);
  });

  it("keeps nobody from coming back", async () => {
    await order("undrain");
    expect(desk.stages()).toEqual(["back gw-2"]);
  });

  it("lets the only gateway be restarted, as whoever asks knows, but not drained", async () => {
    await desk.desired.change((spec) => ({
      ...{ ...spec, floor: 1 },
      gateways: spec.gateways.slice(0, 1),
    }));
    await expect(order("drain", "gw-1")).rejects.toMatchObject({ reason: "floor-would-break" });
    await order("restart", "gw-1");
    expect(desk.stages()).toEqual(["restart gw-1", "healthy gw-1", "back gw-1"]);
  });
});

it("a gateway leaves every edge before it stops, and the fleet only then", async () => {
  await desk.desired.change((spec) => ({ ...spec, floor: 1 }));
  await order("remove");
  expect(desk.stages()).toEqual([
    ...["drain gw-2", "edges", "remove gw-2", "forget gw-2", "verify"],
  ]);
});

it("a new gateway gets the first free name, and is behind every edge at the end", async () => {
  await commands.createGateway({ fleet: "f", host: "host-b" }, desk.by);
  expect(desk.stages()).toEqual(["image", "create gw-4", "healthy gw-4", "edges", "verify"]);
});
