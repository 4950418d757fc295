import type { HostDrainPreview, HostView, Page } from "@chela/shared/fleet/view";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Fleet } from "./harness/fleet.ts";
import { LabHost } from "./harness/lab-host.ts";
import { until } from "./harness/wait.ts";

describe("a host in maintenance", () => {
  let host: LabHost;
  let fleet: Fleet;
  beforeAll(async () => {
    host = await LabHost.up();
    fleet = await Fleet.up({ CHELA_BIND: host.here });
    const { command } = await fleet.api.mutate<{ command: string }>("hosts.createJoinToken", {
      ...{ fleet: fleet.name, host: "host-b" },
    });
    await host.shell(command);
    await until("host-b to be connected", async () => (await hostB())?.connected);
    const { operationId } = await fleet.api.mutate<{ operationId: string }>("gateways.create", {
      ...{ fleet: fleet.name, host: "host-b", gateway: "gw-3" },
    });
    await fleet.api.finished(operationId, 120_000);
    await fleet.settled();
  });
  afterAll(async () => {
    await fleet?.down();
    await host?.down();
  });

  const hostB = async () =>
    (await fleet.api.query<Page<HostView>>("hosts.list", { fleet: fleet.name })).items.find(
      ({ name }) => name === "host-b",
    );

  it("hands its gateways over and gives them to another, and loses nothing meanwhile", async () => {
    await fleet.api.finished(await fleet.api.promote(fleet.name, "gw-3"));
    const preview = await fleet.api.query<HostDrainPreview>("hosts.previewDrain", {
      ...{ fleet: fleet.name, host: "host-b" },
    });
    expect(preview.gateways).toMatchObject([
      { gateway: "gw-3", role: "active", fate: "moved", to: "local", by: "gw-3" },
    ]);
    const traffic = fleet.traffic("drain", 50, 10);
    const { operationId } = await fleet.api.mutate<{ operationId: string }>("hosts.drain", {
      ...{ fleet: fleet.name, host: "host-b", planHash: preview.planHash },
    });
    const operation = await fleet.api.finished(operationId, 120_000);
    expect(operation).toMatchObject({ kind: "host-drain", state: "succeeded" });
    await fleet.settled();
    const report = await traffic.stop();
    expect(await fleet.faults(report)).toEqual([]);
    expect(
      (await fleet.view()).gateways.map(({ name, host: at }) => `${name} ${at}`).sort(),
    ).toEqual(["gw-1 local", "gw-2 local", "gw-3 local"]);
    expect((await hostB())?.cordoned).toBe(true);
    expect(await host.shell("docker ps -aq --filter label=chela.gateway")).toBe("");
    expect((await fleet.view()).drift).toEqual([]);
  });

  it("takes gateways again once it is uncordoned", async () => {
    const target = { fleet: fleet.name, host: "host-b" };
    await expect(fleet.api.mutate("gateways.create", target)).rejects.toMatchObject({
      reason: "host-cordoned",
    });
    await fleet.api.mutate("hosts.uncordon", target);
    const { operationId } = await fleet.api.mutate<{ operationId: string }>("hosts.drain", {
      ...{ fleet: fleet.name, host: "local" },
    });
    const operation = await fleet.api.finished(operationId, 170_000);
    expect(operation.state).toBe("succeeded");
    await fleet.settled();
    const { gateways } = await fleet.view();
    expect(gateways.map(({ host: at }) => at)).toEqual(gateways.map(() => "host-b"));
  });
});
