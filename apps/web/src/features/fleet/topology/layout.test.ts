import type { EdgeView, GatewayView, Role } from "@chela/shared/fleet/view";
import { describe, expect, it } from "vitest";
import { layoutOf } from "./layout.ts";

const gateway = (
  name: string,
  host: string,
  role: Role = "standby",
  over: Partial<GatewayView> = {},
) => ({ name, host, role, health: "healthy", backup: false, ...over }) as GatewayView;
const edge = (name: string, backups: string[] = []) =>
  ({
    name,
    upstreams: backups.map((each) => ({ gateway: each, backup: true })),
  }) as unknown as EdgeView;

describe("picture of the traffic", () => {
  it("keeps hosts apart and every card within its host", () => {
    const { hosts, height } = layoutOf(
      [gateway("gw-1", "b"), gateway("gw-2", "a"), gateway("gw-3", "b")],
      [edge("edge-1")],
      ["telegram"],
    );
    expect(hosts.map((host) => host.host)).toEqual(["a", "b"]);
    expect(hosts[0]!.top + hosts[0]!.height).toBeLessThan(hosts[1]!.top);
    expect(hosts[1]!.top + hosts[1]!.height).toBeLessThanOrEqual(height);
  });

  it("centres short columns and makes room for the longest", () => {
    const { channels, edges, height } = layoutOf(
      [gateway("gw-1", "a")],
      [edge("edge-1")],
      ["a", "b", "c", "d", "e", "f"],
    );
    expect(channels[0]!.top).toBe(0);
    expect(channels[5]!.top + channels[5]!.height).toBe(height);
    expect(edges[0]!.top).toBe((height - edges[0]!.height) / 2);
  });

  it("wires every edge to every gateway and says what runs there", () => {
    const { wires } = layoutOf(
      [
        gateway("gw-1", "a", "active"),
        gateway("gw-2", "a"),
        gateway("gw-3", "a"),
        gateway("gw-4", "a", "down"),
        gateway("gw-5", "a", "standby", { health: "starting" }),
      ],
      [edge("edge-1", ["gw-3"])],
      [],
    );
    expect(wires[1].map((wire) => wire.kind)).toEqual(["live", "accepts", "idle", "dead", "idle"]);
    expect(new Set(wires[1].map((wire) => wire.from)).size).toBe(5);
  });

  it("an empty fleet has a picture too", () => {
    expect(layoutOf([], [], []).height).toBeGreaterThan(0);
  });
});
