import { describe, expect, it } from "vitest";
import { planHostDrain } from "./host-drain.ts";
import { ModelFleet } from "./testing/model-fleet.ts";
import type { FleetView } from "./view.ts";

/** `gw-1` is active. */
function fleet(places: Record<string, string>, over: Partial<FleetView> = {}): FleetView {
  const model = new ModelFleet(
    {
      ...{ fleet: "f", mode: "active-standby", actives: 1, floor: 1, reconcile: "manual" },
      ...{ release: null, edges: [] },
      gateways: Object.entries(places).map(([name, host]) => ({
        ...{ name, host, weight: 1, backup: false },
      })),
    },
    "gw-1",
  );
  return { ...model.view(["host-a", "host-b", "host-c"]), ...over };
}
const failing = (view: FleetView, floor: number, host: string, moveTo: "others" | "none") =>
  planHostDrain(view, floor, host, moveTo)
    .checks.filter(({ verdict }) => verdict === "fail")
    .map(({ name, detail }) => `${name}: ${detail}`);

describe("a host that is drained", () => {
  it("gives its gateways to the hosts with the fewest, the holder last, under their names", () => {
    const view = fleet({ "gw-1": "host-a", "gw-2": "host-a", "gw-3": "host-b" });
    expect(planHostDrain(view, 1, "host-a", "others").gateways).toEqual([
      { gateway: "gw-2", role: "standby", fate: "moved", to: "host-c", by: "gw-2" },
      { gateway: "gw-1", role: "active", fate: "moved", to: "host-b", by: "gw-1" },
    ]);
  });

  it("has a new one started first where one less would be too few", () => {
    const alone = fleet({ "gw-1": "host-a" });
    expect(planHostDrain(alone, 1, "host-a", "others").gateways).toMatchObject([
      { gateway: "gw-1", fate: "replaced", to: "host-b", by: "gw-2" },
    ]);
    const spread = fleet(
      { "gw-1": "host-a", "gw-2": "host-b" },
      { mode: "active-active", actives: 2 },
    );
    expect(planHostDrain(spread, 1, "host-a", "others").gateways).toMatchObject([
      { gateway: "gw-1", fate: "replaced", by: "gw-3" },
    ]);
  });

  it("prefers hosts of its own region", () => {
    const view = fleet({ "gw-1": "host-a", "gw-2": "host-b", "gw-3": "host-b" });
    for (const host of view.hosts) host.region = host.name === "host-c" ? "us" : "eu";
    expect(planHostDrain(view, 1, "host-a", "others").gateways).toMatchObject([{ to: "host-b" }]);
  });

  it("is refused with the numbers where the floor would break", () => {
    const view = fleet({ "gw-1": "host-a", "gw-2": "host-b" });
    expect(failing(view, 2, "host-a", "none")).toEqual([
      "floor: Without gw-1, 1 of 2 gateways would serve; the fleet's floor is 2. Start another gateway first, or lower the floor in the fleet's spec.",
    ]);
    expect(failing(view, 1, "host-a", "none")).toEqual([]);
  });

  it("is refused where no other host can take its gateways, or its agent is silent", () => {
    const view = fleet({ "gw-1": "host-a" });
    for (const host of view.hosts) host.cordoned = true;
    expect(failing(view, 1, "host-a", "others")).toEqual([
      "target: No other host can take gw-1: join one, uncordon one, or drain with moveTo none, which removes them.",
    ]);
    view.hosts[0]!.connected = false;
    expect(failing(view, 1, "host-a", "others").map((check) => check.split(":")[0])).toEqual([
      "agent",
      "target",
    ]);
  });

  it("keeps its edge, and says so", () => {
    const edge = {
      ...{ name: "edge-1", host: "host-a", health: "healthy" as const, healthReason: null },
      ...{ url: "", configHash: null, reloads: 0, upstreams: [], observedAt: null },
    };
    const { checks } = planHostDrain(
      fleet({ "gw-1": "host-b" }, { edges: [edge] }),
      1,
      "host-a",
      "others",
    );
    expect(checks.find(({ name }) => name === "edge")).toMatchObject({
      verdict: "warn",
      detail: expect.stringContaining("edge-1 on host-a is not moved"),
    });
    expect(checks.find(({ name }) => name === "gateways")?.verdict).toBe("warn");
  });
});
