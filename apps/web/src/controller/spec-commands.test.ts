import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SpecCommands } from "./spec-commands.ts";
import { orderingDesk } from "./testing/ordering-desk.ts";

let desk: Awaited<ReturnType<typeof orderingDesk>>;
let commands: SpecCommands;
beforeEach(async () => {
  desk = await orderingDesk();
  commands = new SpecCommands(desk.ordering);
});
afterEach(() => desk.close());

const exported = async () => (await commands.exportSpec("f")).yaml;
const apply = (yaml: string, more: { dryRun?: boolean; idempotencyKey?: string } = {}) =>
  commands.applySpec({ fleet: "f", yaml, ...more }, desk.by);

describe("applying the fleet's spec", () => {
  it("does nothing where it says what is, and says so", async () => {
    expect(await apply(await exported())).toEqual({ difference: [] });
    expect(desk.begun).toEqual([]);
    expect(desk.notes.detail).toBe("The fleet is what the document says: nothing was done.");
  });

  it("answers a dry run with every difference in a sentence, and begins nothing", async () => {
    const yaml = (await exported())
      .replace("floor: 1", "floor: 2")
      .replace("weight: 1", "weight: 5");
    const { difference, operationId } = await apply(yaml, { dryRun: true });
    expect(difference).toEqual([
      {
        ...{ path: "floor", kind: "change", before: "1", after: "2", consequence: "none" },
        sentence: "Nothing that the console does leaves fewer than 2 healthy gateways.",
      },
      {
        ...{ path: "gateways.gw-1.weight", kind: "change", before: "1", after: "5" },
        ...{ consequence: "replaces" },
        sentence: "gw-1 hands its sessions over and is started again with weight 5.",
      },
    ]);
    expect([operationId, desk.begun]).toEqual([undefined, []]);
  });

  it("is one operation, in an order that serves all the time", async () => {
    const yaml = (await exported())
      .replace("active-standby", "active-active")
      .replace("actives: 1", "actives: 2")
      .replace("name: gw-3\n    host: host-c", "name: gw-4\n    host: host-b");
    const { difference, operationId } = await apply(yaml);
    expect(difference.map(({ path, kind }) => `${kind} ${path}`)).toEqual([
      ...["change mode", "change actives", "add gateways.gw-4", "remove gateways.gw-3"],
    ]);
    expect(desk.begun).toMatchObject([{ id: operationId, kind: "fleet-apply" }]);
    expect(desk.stages()).toEqual([
      ...["image", "create gw-4", "healthy gw-4", "settings", "mode", "drain gw-3", "edges"],
      ...["remove gw-3", "forget gw-3", "verify"],
    ]);
    expect(desk.notes).toMatchObject({
      before: { mode: "active-standby", "gateways.gw-3": "on host-c" },
      after: { mode: "active-active", "gateways.gw-3": null },
      operation: operationId,
    });
  });

  it("answers the earlier operation for the same idempotency key", async () => {
    const yaml = (await exported()).replace("floor: 1", "floor: 2");
    expect(await apply(yaml, { idempotencyKey: "again" })).toMatchObject({
      operationId: "op_earlier",
    });
    expect(desk.begun).toEqual([]);
  });

  it("is refused with every fault, its line and its path", async () => {
    const yaml = (await exported())
      .replace("floor: 1", "flor: 1")
      .replace("host: host-c", "host: nowhere");
    await expect(apply(yaml)).rejects.toMatchObject({
      reason: "bad-document",
      message: "line 7, flor: is not known here: correct its spelling or take it out",
    });
    await expect(
      apply((await exported()).replace("host: host-c", "host: nowhere")),
    ).rejects.toMatchObject({
      message: expect.stringMatching(
        /^line 2\d, gateways\[2\]\.host: there is no host nowhere: host-a, host-b, host-c are known$/,
      ),
    });
    await expect(apply((await exported()).replace("gateway:1", "gateway:2"))).rejects.toMatchObject(
      {
        message: expect.stringContaining("another one is brought by a rollout"),
      },
    );
    await expect(apply("a: 1\na: 2\n")).rejects.toMatchObject({ reason: "bad-document" });
  });

  it("is refused with the numbers where the floor would break, and while another operation runs", async () => {
    const yaml = (await exported())
      .replace("floor: 1", "floor: 3")
      .replace("weight: 1", "weight: 2");
    await expect(apply(yaml)).rejects.toMatchObject({
      code: "PRECONDITION_FAILED",
      reason: "floor-would-break",
      message: expect.stringContaining(
        "Without gw-1, 2 of 3 gateways would serve; the fleet's floor is 3",
      ),
    });
    desk.over.operationId = "op_other";
    await expect(apply(yaml)).rejects.toMatchObject({ reason: "operation-running" });
    expect((await apply(yaml, { dryRun: true })).difference).toHaveLength(2);
  });
});

describe("correcting drift", () => {
  it("starts anew what is stale, with the fleet's release, as nobody's order", async () => {
    await commands.correctDrift([
      { kind: "weight", gateway: "gw-2", sentence: "gw-2 runs with weight 1, the spec says 2." },
      { kind: "stranger", gateway: "gw-9", host: "host-a", sentence: "gw-9 is a stranger." },
    ]);
    expect(desk.begun).toMatchObject([{ kind: "fleet-apply", title: "Correct drift" }]);
    expect(desk.stages()).toEqual([
      ...["remove gw-9", "drain gw-2", "replace gw-2", "healthy gw-2", "edges", "verify"],
    ]);
  });
});
