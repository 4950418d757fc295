import type { Action } from "@chela/shared/operation/action";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AgentError } from "../../agents/agent.ts";
import { orderingDesk } from "../testing/ordering-desk.ts";
import * as change from "./change.ts";
import type { ActDeps } from "./context.ts";

const OPERATION = { id: "op_1", step: "1-move-gw-3" };

let desk: Awaited<ReturnType<typeof orderingDesk>>;
/** Containers, `host/gateway`. */
let containers: Set<string>;
let cordoned: string[];
/** Shards that the gateway says it holds when it is asked. */
let shards: number;
/** The console dies after so many calls of an agent, what was asked being done. */
let diesAfter: number;

beforeEach(async () => {
  desk = await orderingDesk();
  containers = new Set(desk.desired.spec.gateways.map(({ name, host }) => `${host}/${name}`));
  cordoned = [];
  shards = 0;
  diesAfter = Number.POSITIVE_INFINITY;
});
afterEach(() => desk.close());

function called<T>(answer: T): T {
  if (--diesAfter < 0) throw new Error("dead");
  return answer;
}
const agent = (host: string) => ({
  drainGateway: async (gateway: string) => {
    if (!containers.has(`${host}/${gateway}`)) throw new AgentError("NOT_FOUND", "not here");
    return called({ shards: Array.from({ length: shards }, (_, shard) => ({ shard, epoch: 1 })) });
  },
  removeGateway: async (gateway: string) => {
    if (!containers.delete(`${host}/${gateway}`)) throw new AgentError("NOT_FOUND", "not here");
    called(null);
  },
  ensureGateway: async ({ gateway }: { gateway: string }) => {
    containers.add(`${host}/${gateway}`);
    return called({ containerId: "c".repeat(64), ports: [20_005, 20_006] });
  },
});
const deps = () =>
  ({
    desired: desk.desired,
    links: { agent },
    images: { ensure: async () => called("There."), resolve: async () => ({ id: "sha256:e" }) },
    hosts: { setCordoned: async (host: string) => void cordoned.push(host) },
    edgeImage: "chela/edge:2",
  }) as unknown as ActDeps;

const MOVE: Extract<Action, { type: "move" }> = {
  ...{ type: "move", gateway: "gw-3", from: "host-c", to: "host-b", weight: 2, drained: true },
};

describe("moving a gateway", () => {
  it("ends in the same place wherever the console dies over it", async () => {
    for (let at = 0; ; at++) {
      await desk.desired.changeGateway("gw-3", { host: "host-c", weight: 1 });
      containers = new Set(["host-a/gw-1", "host-b/gw-2", "host-c/gw-3"]);
      diesAfter = at;
      const died = await change.move(deps(), MOVE, OPERATION).then(
        () => false,
        () => true,
      );
      diesAfter = Number.POSITIVE_INFINITY;
      // Started again, it is ordered again.
      expect(await change.move(deps(), MOVE, OPERATION)).toMatchObject({ ok: true });
      expect([...containers].sort()).toEqual(["host-a/gw-1", "host-b/gw-2", "host-b/gw-3"]);
      expect(desk.desired.gateway("gw-3")).toMatchObject({
        ...{ host: "host-b", weight: 2, port: 20_005, secondPort: 20_006 },
      });
      if (!died) break;
    }
  });

  it("and removing one stops nothing that holds shards again", async () => {
    shards = 4;
    const refused = { ok: false, reason: "holds-shards" };
    expect(await change.move(deps(), MOVE, OPERATION)).toMatchObject(refused);
    const removal = { type: "remove" as const, gateway: "gw-3", host: "host-c", drained: true };
    expect(await change.remove(deps(), removal, OPERATION)).toMatchObject(refused);
    expect(containers).toContain("host-c/gw-3");
    expect(desk.desired.gateway("gw-3")?.host).toBe("host-c");
  });
});

it("removing what is gone already is done", async () => {
  const removal = { type: "remove" as const, gateway: "gw-9", host: "host-a", drained: false };
  expect(await change.remove(deps(), removal, OPERATION)).toMatchObject({ ok: true });
});

it("rules, backups and edges are written down in one go, as often as it is asked", async () => {
  const rules = { ...{ mode: "active-active", actives: 2 }, ...{ floor: 2, reconcile: "auto" } };
  const settings = {
    ...{ rules, backups: [{ gateway: "gw-2", backup: true }] },
    edges: [
      { name: "edge-1", host: "host-a", port: 8081 },
      { name: "edge-2", host: "host-b", port: 8080 },
    ],
  } as Extract<Action, { type: "settings" }>["settings"];
  for (let times = 0; times < 2; times++) {
    expect(await change.settings(deps(), { type: "settings", settings })).toMatchObject({
      ok: true,
    });
    expect(desk.desired.spec).toMatchObject({
      ...rules,
      gateways: [{ backup: false }, { backup: true }, { backup: false }],
      edges: [
        { name: "edge-1", port: 8081, image: "chela/edge:1" },
        { name: "edge-2", host: "host-b", port: 8080, image: "chela/edge:2" },
      ],
    });
  }
});

it("a host is cordoned by an operation of its drain", async () => {
  await change.cordon(deps(), { type: "cordon", host: "host-a" });
  expect(cordoned).toEqual(["host-a"]);
});
