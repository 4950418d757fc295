import type { HostView, Page } from "@chela/shared/fleet/view";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Fleet } from "./harness/fleet.ts";
import { LabHost } from "./harness/lab-host.ts";
import { until } from "./harness/wait.ts";

describe("another host", () => {
  let host: LabHost;
  let fleet: Fleet;
  beforeAll(async () => {
    host = await LabHost.up();
    fleet = await Fleet.up({ CHELA_BIND: host.here });
  });
  afterAll(async () => {
    await fleet?.down();
    await host?.down();
  });

  const joined = async () =>
    (await fleet.api.query<Page<HostView>>("hosts.list", { fleet: fleet.name })).items.find(
      (h) => h.name === "host-b",
    );

  it("joins by one command, and its token works once", async () => {
    const { command } = await fleet.api.mutate<{ command: string }>("hosts.createJoinToken", {
      fleet: fleet.name,
      host: "host-b",
      region: "lab",
    });
    await host.shell(command);
    await until("host-b to be connected", async () => (await joined())?.connected);
    expect(await joined()).toMatchObject({ address: host.address, redisReachable: true });
    await expect(host.shell(command)).rejects.toThrow();
  });

  it("is given a gateway, image and configuration included, which takes over and answers", async () => {
    const { operationId } = await fleet.api.mutate<{ operationId: string }>("gateways.create", {
      fleet: fleet.name,
      host: "host-b",
    });
    expect(await fleet.api.finished(operationId, 120_000)).toMatchObject({ state: "succeeded" });
    await fleet.settled();
    const gateway = (await fleet.view()).gateways.find((g) => g.host === "host-b")!;
    const traffic = fleet.traffic("far", 50, 10);
    const promotion = await fleet.api.finished(await fleet.api.promote(fleet.name, gateway.name));
    expect(promotion.state).toBe("succeeded");
    await until("turns on the other host", async () => {
      const view = (await fleet.view()).gateways.find((g) => g.name === gateway.name)!;
      return view.role === "active" && view.sessions > 0;
    });
    const report = await traffic.stop();
    expect(report.failed).toEqual([]);
    expect(await fleet.faults(report)).toEqual([]);
    const handlers = new Set<string>();
    for (const session of report.accepted.keys()) {
      const { messages } = await fleet.api.session(fleet.name, `generic:${session}`);
      for (const message of messages) handlers.add(message.gateway);
    }
    expect(handlers).toContain(gateway.name);
  });
});
