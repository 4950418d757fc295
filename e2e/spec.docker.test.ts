import type { FleetApplied, FleetExport, HostDrainPreview } from "@chela/shared/fleet/view";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Fleet } from "./harness/fleet.ts";
import { freePort } from "./harness/redis-server.ts";
import { until } from "./harness/wait.ts";

describe("the fleet's spec", () => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await Fleet.up({ CHELA_GATEWAYS: "3" });
    await fleet.settled();
  });
  afterAll(async () => {
    await fleet?.down();
  });

  const exported = async () =>
    (await fleet.api.query<FleetExport>("fleets.export", { fleet: fleet.name })).yaml;
  const apply = (yaml: string, more: object = {}) =>
    fleet.api.mutate<FleetApplied>("fleets.apply", { fleet: fleet.name, yaml, ...more });
  const inSync = () =>
    until("no drift", async () => {
      const { drift, gateways } = await fleet.view();
      return drift.length === 0 && gateways.every(({ health }) => health === "healthy");
    });

  it("applied as it was exported does nothing, and says so", async () => {
    await inSync();
    const yaml = await exported();
    expect(yaml).not.toContain(fleet.access.webhookSecret);
    expect(await apply(yaml)).toEqual({ difference: [] });
  });

  it("is refused with the line of each fault, and with the numbers where the floor would break", async () => {
    const yaml = await exported();
    await expect(apply(yaml.replace("floor: 1", "flor: 1"))).rejects.toMatchObject({
      code: "BAD_REQUEST",
      reason: "bad-document",
      message: expect.stringMatching(/line \d+, flor: is not known here/),
    });
    const raised = yaml.replace("floor: 1", "floor: 3");
    await expect(apply(raised.replace("weight: 1", "weight: 2"))).rejects.toMatchObject({
      reason: "floor-would-break",
      message: expect.stringContaining("2 of 3 gateways would serve; the fleet's floor is 3"),
    });
    const drain = { fleet: fleet.name, host: "local" };
    await expect(
      fleet.api.mutate("hosts.drain", { ...drain, moveTo: "none" }),
    ).rejects.toMatchObject({ code: "PRECONDITION_FAILED", reason: "floor-would-break" });
    const preview = await fleet.api.query<HostDrainPreview>("hosts.previewDrain", drain);
    expect(preview.checks).toContainEqual(
      expect.objectContaining({ name: "target", verdict: "fail" }),
    );
    expect(preview.checks).toContainEqual(
      expect.objectContaining({ name: "edge", verdict: "warn" }),
    );
  });

  it("creates, removes, reweighs and changes the mode in one go, though the console dies meanwhile", async () => {
    const wanted = (await exported())
      .replace("mode: active-standby", "mode: active-active")
      .replace("actives: 1", "actives: 2")
      .replace("name: gw-2", "name: gw-4")
      .replace(
        "name: gw-3\n    host: local\n    weight: 1",
        "name: gw-3\n    host: local\n    weight: 3",
      );
    const dry = await apply(wanted, { dryRun: true });
    expect(dry.operationId).toBeUndefined();
    expect(dry.difference.map(({ kind, path }) => `${kind} ${path}`)).toEqual([
      ...["change mode", "change actives", "add gateways.gw-4", "change gateways.gw-3.weight"],
      "remove gateways.gw-2",
    ]);
    const reloads = (await fleet.view()).edges[0]!.reloads;
    const traffic = fleet.traffic("spec", 50, 10);
    const { operationId } = await apply(wanted);
    await until("gw-3 to be drained", async () =>
      (await fleet.api.operation(operationId!)).steps.some(
        ({ name, gateway, state }) => name === "drain" && gateway === "gw-3" && state !== "pending",
      ),
    );
    await fleet.docker("kill", fleet.container("console"));
    await fleet.docker("start", fleet.container("console"));
    await until("the console to answer", () => fleet.api.operation(operationId!));
    const operation = await fleet.api.finished(operationId!, 120_000);
    expect(operation).toMatchObject({ kind: "fleet-apply", state: "succeeded" });
    await inSync();
    const report = await traffic.stop();
    expect(await fleet.faults(report)).toEqual([]);
    const view = await fleet.view();
    expect(view).toMatchObject({ mode: "active-active", actives: 2 });
    expect(view.gateways.map(({ name, weight }) => `${name} ${weight}`).sort()).toEqual([
      ...["gw-1 1", "gw-3 3", "gw-4 1"],
    ]);
    expect(view.edges[0]!.reloads).toBe(reloads + 1);
    expect(await fleet.docker("ps", "-aq", "--filter", `name=^${fleet.container("gw-2")}$`)).toBe(
      "",
    );
    expect(
      await fleet.docker("inspect", "-f", "{{.Config.Env}}", fleet.container("gw-3")),
    ).toContain("CHELA_WEIGHT=3");
    expect(await apply(await exported())).toEqual({ difference: [] });
  });

  it("starts another edge, and takes it away again", async () => {
    const before = await exported();
    const port = await freePort();
    const entry = ["  - name: edge-2", "    host: local", `    port: ${port}`, ""].join("\n");
    const started = await apply(before + entry);
    expect(started.difference).toMatchObject([{ path: "edges.edge-2", kind: "add" }]);
    expect(await fleet.api.finished(started.operationId!)).toMatchObject({ state: "succeeded" });
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
    const removed = await apply(before);
    expect(await fleet.api.finished(removed.operationId!)).toMatchObject({ state: "succeeded" });
    await expect(fetch(`http://127.0.0.1:${port}/readyz`)).rejects.toThrow();
    expect(await exported()).toBe(before);
  });

  it("shows drift and leaves it alone, until the spec says that it is corrected", async () => {
    const [image] = (await fleet.view()).gateways.map((gateway) => gateway.image);
    const labels = [`chela.fleet=${fleet.name}`, "chela.gateway=gw-9"];
    const stranger = fleet.container("gw-9");
    const create = ["create", "--name", stranger, ...labels.flatMap((label) => ["--label", label])];
    const made = await fleet.docker(...create, image!);
    await until("the drift to be shown", async () =>
      (await fleet.view()).drift.some((sentence) => sentence.includes(stranger)),
    );
    expect(await fleet.docker("inspect", "-f", "{{.Id}}", stranger)).toBe(made);
    const { operationId } = await apply(
      (await exported()).replace("reconcile: manual", "reconcile: auto"),
    );
    expect(await fleet.api.finished(operationId!)).toMatchObject({ state: "succeeded" });
    await until("the stranger to be removed", async () => {
      const there = await fleet.docker("ps", "-aq", "--filter", `name=^${stranger}$`);
      return there === "";
    });
    await inSync();
    const { items } = await fleet.api.operations(fleet.name);
    expect(items[0]).toMatchObject({ title: "Correct drift", requestedBy: "reconcile: auto" });
  });
});
