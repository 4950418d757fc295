import type { RolloutPlan } from "@chela/shared/fleet/view";
import { beforeEach, describe, expect, it } from "vitest";
import type { Images } from "../agents/images.ts";
import { OperationStore } from "../store/operations.ts";
import { openSqlite } from "../store/sqlite.ts";
import type { Operation } from "./operation.ts";
import { PlanMemory } from "./plan-memory.ts";
import { RolloutCommands } from "./rollout-commands.ts";
import { orderingDesk } from "./testing/ordering-desk.ts";

const CONFIG = '{"gateway":{}}';
type Desk = Awaited<ReturnType<typeof orderingDesk>>;

let desk: Desk;
let begun: Operation[];
let commands: RolloutCommands;

beforeEach(async () => {
  desk = await orderingDesk();
  begun = [];
  commands = new RolloutCommands({
    clock: desk.ordering.clock,
    store: new OperationStore(await openSqlite(":memory:")),
    desired: desk.desired,
    // Hosts hold every image whose tag is a number.
    images: {
      resolve: async (image: string) => (/:\d+$/.test(image) ? { id: `sha256:${image}` } : null),
    } as unknown as Images,
    plans: new PlanMemory(),
    view: (fleet) => desk.ordering.view(fleet),
    begin: async (operation) => {
      begun.push(operation);
      return { operationId: operation.id };
    },
  });
});

const request = (over: object = {}) => ({ fleet: "f", config: CONFIG, strategy: {}, ...over });
const machine = () => {
  const last = begun.at(-1)?.machine;
  if (last?.machine !== "rollout") throw new Error("No rollout was begun.");
  return last;
};
const refusal = (reason: string) => expect.objectContaining({ reason });

describe("a rollout", () => {
  it("is planned with every default filled in, and begun as it was planned", async () => {
    const plan: RolloutPlan = await commands.plan(request({ image: "chela/gateway:2" }));
    expect(plan).toMatchObject({
      strategy: { batchSize: 1, maxUnavailable: 1, order: "stopFirst", soakMs: 10_000 },
      changes: ["image", "configuration"],
    });
    expect(plan.order.map(({ gateway, batch }) => [gateway, batch])).toEqual([
      ["gw-2", 1],
      ["gw-3", 2],
      ["gw-1", 3],
    ]);
    await commands.start(request({ image: "chela/gateway:2", planHash: plan.planHash }), desk.by);
    expect(machine()).toMatchObject({ to: { number: 2 }, strategy: plan.strategy, floor: 1 });
  });

  it("of the configuration only leaves the image as it is", async () => {
    await commands.start(request(), desk.by);
    const { from, to } = machine();
    expect(to.image).toBe(from.image);
    expect(to.configHash).not.toBe(from.configHash);
    expect(desk.notes).toMatchObject({ before: { release: 1 }, after: { release: 2 } });
  });

  it("that the floor does not allow is refused before anything is written", async () => {
    const strategy = { batchSize: 3, maxUnavailable: 3 };
    const asked = request({ image: "chela/gateway:2", strategy });
    await expect(commands.plan(asked)).rejects.toEqual(refusal("floor-would-break"));
    await expect(commands.start(asked, desk.by)).rejects.toEqual(refusal("floor-would-break"));
    expect(await desk.desired.findRelease(2)).toBeNull();
  });

  it("of an image that no host has, or of another repository, is refused", async () => {
    const missing = request({ image: "chela/gateway:missing" });
    await expect(commands.start(missing, desk.by)).rejects.toEqual(refusal("check-image"));
    const foreign = request({ image: "other/gateway:2" });
    await expect(commands.plan(foreign)).rejects.toEqual(refusal("repository-not-allowed"));
  });
});

it("going back to an earlier release restores image and configuration, without soak or canary", async () => {
  const { number } = await desk.desired.newRelease(
    { image: "chela/gateway:2", imageId: "sha256:2" },
    CONFIG,
    0,
  );
  await desk.desired.change((spec) => ({ ...spec, release: number }));
  await commands.rollBack({ fleet: "f", release: 1 }, desk.by);
  expect(machine()).toMatchObject({
    from: { number: 2 },
    to: { number: 1, image: "chela/gateway:1" },
    strategy: { soakMs: 0, canary: null },
    mayGoBack: false,
  });
  await expect(commands.rollBack({ fleet: "f", release: 9 }, desk.by)).rejects.toEqual(
    refusal("no-such-release"),
  );
});
